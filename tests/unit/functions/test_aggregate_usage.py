"""Usage is counted once into the bucket it belongs to, whatever comes twice, late or contradicting."""

from datetime import timedelta
from decimal import Decimal

import pytest

from functions.aggregate_usage.use_case import BucketContendedError
from shared.adapters.ledger_audit import LogsAudit
from shared.domain.exception_record import ExceptionCode
from shared.domain.metering.aggregate import (
    CountState,
    LatestState,
    MaxState,
    SumState,
    UniqueState,
    merge_windows,
    quantity_of,
)
from shared.domain.metering.append import MAX_SLOT_BYTES
from shared.domain.metering.log_view import LogViews
from shared.domain.metering.slot import Content, Log, Seal, UsageSlot
from shared.domain.time_period import Period
from tests.builders.metered_usage import LAYOUT, NOON, MeteringWorld, a_row, windows_counted
from tests.fakes.in_memory_metering_ledger import InMemoryMeteringLedger

WEEK = Period(NOON - timedelta(days=4), NOON + timedelta(days=4))
BUCKET = LAYOUT.home("acme", NOON)


def quantities(world: MeteringWorld) -> list[Decimal]:
    return [quantity_of(usage.state) for usage in windows_counted(LogsAudit(world.logs, LAYOUT), WEEK)]


def cold() -> LogViews:
    return LogViews(most_ids=10_000)


def test_events_of_one_window_are_summed_in_one_append() -> None:
    world = MeteringWorld()

    world.count(a_row("call-1", quantity="1.5"), a_row("call-2", quantity="0.000000000000000001"))

    assert quantities(world) == [Decimal("1.500000000000000001")]
    assert len(world.logs.tail(Log(BUCKET), after=0)) == 1


@pytest.mark.parametrize("warm", [True, False])
def test_a_batch_that_comes_again_writes_nothing(warm: bool) -> None:
    world = MeteringWorld()
    batch = [a_row("call-1"), a_row("call-2")]
    world.count(*batch)

    world.count(*batch, views=None if warm else cold())

    assert quantities(world) == [Decimal(50)]
    assert len(world.logs.tail(Log(BUCKET), after=0)) == 1


def test_a_repeat_within_a_batch_counts_once() -> None:
    world = MeteringWorld()

    world.count(a_row("call-1"), a_row("call-1"), a_row("call-2"))

    assert quantities(world) == [Decimal(50)]


def test_what_enrichment_says_differently_the_second_time_changes_nothing() -> None:
    """An account that moved between two deliveries must not count the event twice."""
    world = MeteringWorld()

    world.count(a_row("call-1", subject="acme-prod", customer="acme"))
    world.count(a_row("call-1", subject="acme-prod", customer="globex"))

    assert [usage.key.customer_id for usage in windows_counted(LogsAudit(world.logs, LAYOUT), WEEK)] == ["acme"]


def test_the_same_id_with_other_content_is_not_counted_and_told() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1", quantity="25"), a_row("call-2"))

    world.count(a_row("call-1", quantity="26"), a_row("call-3"))

    assert sum(quantities(world)) == 75
    [conflict] = world.reporter.reported
    assert conflict.code is ExceptionCode.USAGE_CONFLICT
    assert conflict.subject == "urn:acme:gateway call-1"
    assert conflict.detail["quantity"] == "26"
    assert conflict.detail["not_counted"] == "shardId-000000000000:call-1:0"
    assert conflict.detail["counted_in"].endswith("slot 1")
    assert "call-1" in conflict.detail["counted_among"]


def test_an_id_that_a_producer_uses_for_everything_makes_an_exception_that_can_be_stored() -> None:
    world = MeteringWorld()

    world.count(*[a_row("0", quantity=str(number)) for number in range(6_000)])

    [conflict] = world.reporter.reported
    assert conflict.detail["not_counted"].endswith(" and 5979 more")
    assert sum(map(len, conflict.detail.values())) < 10_000


def test_a_contradiction_within_one_batch_counts_the_first() -> None:
    world = MeteringWorld()

    world.count(a_row("call-1", quantity="1"), a_row("call-1", quantity="2"), a_row("call-1", quantity="3"))

    assert quantities(world) == [Decimal(1)]
    assert len(world.reporter.reported) == 1


def test_a_writer_with_stale_knowledge_reads_what_others_wrote() -> None:
    world = MeteringWorld()
    zombie = cold()
    world.count(a_row("call-0"), views=zombie)
    world.count(a_row("call-1"), a_row("call-2"))

    world.count(a_row("call-2"), a_row("call-3"), views=zombie)

    assert sum(quantities(world)) == 100


def test_usage_after_the_seal_goes_to_the_late_log_once() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"))
    world.logs.put(Log(BUCKET), 2, Seal())

    for views in (None, cold(), cold()):
        world.count(a_row("call-1"), a_row("call-2"), views=views)

    assert [late.slot.events for late in world.logs.late_slots(1, BUCKET.group, WEEK)] == [1]
    assert sum(quantities(world)) == 50


def test_a_late_event_that_contradicts_a_sealed_one_is_told() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"))
    world.logs.put(Log(BUCKET), 2, Seal())

    world.count(a_row("call-1", quantity="1"))

    assert quantities(world) == [Decimal(25)]
    assert len(world.reporter.reported) == 1


def test_usage_from_before_everything_that_closing_knows_is_late() -> None:
    world = MeteringWorld()
    world.closing.open_slice(NOON - timedelta(hours=12))
    world.closing.seal_through(first_slice=NOON - timedelta(hours=12), sealed_through=NOON + timedelta(hours=12))
    world.closing.open_slice(NOON)
    older = NOON - timedelta(days=3)

    world.count(a_row("call-1", occurred_at=older))

    bucket = LAYOUT.home("acme", older)
    assert isinstance(world.logs.tail(Log(bucket), after=0)[0].content, Seal)
    assert len(world.logs.tail(Log(bucket, late=True), after=0)) == 1
    assert quantities(world) == [Decimal(25)]


@pytest.mark.parametrize(
    ("aggregation", "state"),
    [
        ("sum", SumState(Decimal(12))),
        ("count", CountState(3)),
        ("max", MaxState(Decimal(7))),
        ("latest", LatestState(NOON + timedelta(seconds=2), "urn:acme:gateway", "call-2", Decimal(2))),
    ],
)
def test_each_aggregation_keeps_a_state_that_merges(aggregation: str, state: object) -> None:
    world = MeteringWorld()

    for second, quantity in ((1, "7"), (2, "2"), (0, "3")):
        occurred_at = NOON + timedelta(seconds=second)
        event_id = f"call-{second}"
        world.count(a_row(event_id, quantity=quantity, occurred_at=occurred_at, aggregation=aggregation))

    merged = next(iter(_merged(world)))
    assert merged == state


def test_a_user_seen_twice_is_one_and_an_event_without_a_key_is_one_by_itself() -> None:
    world = MeteringWorld()

    keys = ["ada", "grace", "ada", None, None]
    world.count(*(a_row(f"call-{n}", unique_key=key, aggregation="unique") for n, key in enumerate(keys)))

    [state] = _merged(world)
    assert isinstance(state, UniqueState)
    assert quantity_of(state) == 4


def test_dimensions_and_meters_keep_their_own_windows() -> None:
    world = MeteringWorld()

    world.count(
        a_row("call-1", dimensions=(("region", "eu"),)),
        a_row("call-2", dimensions=(("region", "us"),)),
        a_row("call-3", meter="storage"),
        a_row("call-4", occurred_at=NOON + timedelta(minutes=15)),
    )

    assert len(quantities(world)) == 4


def test_what_does_not_fit_one_item_takes_several() -> None:
    world = MeteringWorld()
    rows = [a_row(f"call-{n}", aggregation="unique", unique_key=f"user-{n}") for n in range(20_000)]

    world.count(*rows)

    slots = [slot.content for slot in world.logs.tail(Log(BUCKET), after=0) if isinstance(slot.content, UsageSlot)]
    assert len(slots) > 1
    assert max(slot.size_bytes for slot in slots) <= MAX_SLOT_BYTES
    assert sum(slot.events for slot in slots) == 20_000


def test_progress_is_told_after_everything_else() -> None:
    world = MeteringWorld()

    world.count(a_row("call-1"), sequence=7)

    assert world.progress.checkpoints("aggregate")["shardId-000000000000"].sequence_number == "7"


class _NeverFree(InMemoryMeteringLedger):
    def put(self, log: Log, number: int, content: Content) -> bool:
        return False


def test_a_bucket_that_is_never_free_fails_the_batch_and_not_the_count() -> None:
    world = MeteringWorld(logs=_NeverFree())

    with pytest.raises(BucketContendedError):
        world.count(a_row("call-1"))

    assert not world.progress.checkpoints("aggregate")


def _merged(world: MeteringWorld) -> list[object]:
    return [usage.state for usage in merge_windows(windows_counted(LogsAudit(world.logs, LAYOUT), WEEK))]
