"""Slices are sealed when their time is over and nothing of them is on its way; what is sealed never moves."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.adapters.customer_usage import LedgerCustomerUsage
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import quantity_of
from shared.domain.metering.slot import Log
from shared.domain.metering.watermark import Checkpoint, ShardPosition
from shared.domain.time_period import Period
from shared.ports.customer_usage import NotSealedError
from tests.builders.metered_usage import LAYOUT, NOON, SHARD, MeteringWorld, a_row
from tests.fakes.in_memory_metering_ledger import InMemoryClosingProgress, InMemoryStreamTails
from tests.fakes.steady_clock import SteadyClock

DAY = datetime(2026, 1, 15, tzinfo=UTC)
NEXT_DAY = DAY + timedelta(days=1)
AFTER_GRACE = DAY + timedelta(days=2, hours=1)
THE_DAY = Period(DAY, NEXT_DAY)
ACME = CustomerId("acme")
STAGES = {"ingest": "usage", "archive": "usage", "enrich": "accepted", "aggregate": "billable"}


def usage_of(world: MeteringWorld, customer: str = "acme", period: Period = THE_DAY) -> Decimal:
    reading = reader(world).read(CustomerId(customer), (customer,), period)
    return sum((quantity_of(usage.state) for usage in reading.windows), Decimal(0))


def reader(world: MeteringWorld) -> LedgerCustomerUsage:
    return LedgerCustomerUsage(snapshots=world.snapshots, logs=world.logs, closing=world.closing, layout=world.layout)


def read_up_to(world: MeteringWorld, **arrivals: datetime) -> None:
    """Let each stage have read its stream up to an arrival, with more to come."""
    for stage, arrived_at in arrivals.items():
        world.progress.record(stage, SHARD, str(int(arrived_at.timestamp())), arrived_at)
        world.tails.newest[STAGES[stage]] = int(arrived_at.timestamp()) + 1_000_000_000


def test_a_day_is_sealed_after_its_grace_in_every_group() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"), a_row("call-2", subject="globex"))

    assert world.close(AFTER_GRACE) == 1

    assert reader(world).sealed_through() == NEXT_DAY
    assert usage_of(world) == 25
    assert usage_of(world, "globex") == 25


def test_nothing_is_sealed_within_the_grace() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"))

    assert world.close(DAY + timedelta(days=2) - timedelta(seconds=1)) == 0

    assert reader(world).sealed_through() is None


def test_closing_twice_changes_nothing() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"))
    world.close(AFTER_GRACE)
    sealed = world.logs.tail(Log(LAYOUT.home("acme", NOON)), after=0)

    assert world.close(AFTER_GRACE) == 0

    assert world.logs.tail(Log(LAYOUT.home("acme", NOON)), after=0) == sealed
    assert usage_of(world) == 25


def test_a_quiet_day_is_sealed_too() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"), a_row("call-2", occurred_at=NOON + timedelta(days=2)))

    assert world.close(AFTER_GRACE + timedelta(days=2)) == 3


def test_without_any_usage_closing_starts_by_itself() -> None:
    """Who bills flat fees only waits for the seal like everybody else."""
    world = MeteringWorld()

    assert world.close(AFTER_GRACE) == 1

    assert reader(world).sealed_through() == NEXT_DAY


def test_long_neglected_closing_goes_on_with_the_next_run() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"))
    much_later = DAY + timedelta(days=116, hours=1)

    assert [world.close(much_later) for _ in range(3)] == [100, 15, 0]


def test_late_usage_is_read_with_the_sealed_usage_and_named_in_the_manifest() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"))
    world.close(AFTER_GRACE)
    before = reader(world).read(ACME, ("acme",), THE_DAY).manifest

    world.count(a_row("call-2"), a_row("call-1"))

    assert usage_of(world) == 50
    manifest = reader(world).read(ACME, ("acme",), THE_DAY).manifest
    assert [read.last_slot for read in manifest.late] == [1]
    assert manifest.sealed == before.sealed
    assert manifest.digest != before.digest


def test_usage_outside_the_period_is_not_read() -> None:
    """A billing period may start within a slice: customers have time zones."""
    world = MeteringWorld()
    for event_id, minute in (("call-1", 44), ("call-2", 45)):
        world.count(a_row(event_id, occurred_at=DAY + timedelta(minutes=minute)))
    world.close(AFTER_GRACE)

    assert usage_of(world, period=Period(DAY + timedelta(minutes=45), NEXT_DAY)) == 25


def test_a_period_is_not_read_before_it_is_sealed_to_its_end() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"))
    world.close(AFTER_GRACE)

    with pytest.raises(NotSealedError):
        usage_of(world, period=Period(DAY, NEXT_DAY + timedelta(minutes=15)))


@pytest.mark.parametrize("stage", ["ingest", "archive", "enrich", "aggregate"])
def test_one_stage_that_lags_holds_the_seal_back(stage: str) -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"))
    read_up_to(world, **{stage: NOON})

    assert world.close(AFTER_GRACE) == 0


def test_a_stage_that_never_read_its_stream_holds_the_seal_back() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"))
    world.tails.newest["accepted"] = 1

    assert world.close(AFTER_GRACE) == 0


def test_under_steady_traffic_each_stage_must_reach_what_the_one_before_has_published() -> None:
    """Enrichment may be past the arrival time while ingest, which lagged, has only just passed on older usage."""
    world = MeteringWorld()
    world.count(a_row("call-1"))
    looks = [AFTER_GRACE + timedelta(hours=hour) for hour in range(4)]

    sealed = []
    for look in looks:
        just_behind = look - timedelta(minutes=5)
        read_up_to(world, ingest=just_behind, archive=just_behind, enrich=just_behind, aggregate=just_behind)
        sealed.append(world.close(look))

    assert sealed == [0, 0, 1, 0]


class _SlowTails(InMemoryStreamTails):
    """Takes three minutes to look at usage-events, as many idle shards do."""

    def __init__(self, clock: SteadyClock) -> None:
        super().__init__()
        self._clock = clock

    def positions(self, stream: str, checkpoints: Mapping[str, Checkpoint]) -> Sequence[ShardPosition]:
        if stream == "usage":
            self._clock.instant += timedelta(minutes=3)
        return super().positions(stream, checkpoints)


def test_what_ingest_published_while_it_was_looked_at_must_be_enriched_too() -> None:
    world = MeteringWorld()
    world.tails = _SlowTails(world.clock)
    world.count(a_row("call-1"))
    read_up_to(world, enrich=AFTER_GRACE + timedelta(minutes=2))

    assert world.close(AFTER_GRACE) == 0


class _DiesAfter(InMemoryClosingProgress):
    """Dies once, when it has kept the overdue slice or forgotten it."""

    def __init__(self, *, overdue: bool) -> None:
        super().__init__()
        self._overdue: bool | None = overdue

    def replace_overdue(self, known: datetime | None, overdue: datetime | None) -> bool:
        replaced = super().replace_overdue(known, overdue)
        if self._overdue is (overdue is not None):
            self._overdue = None
            raise TimeoutError
        return replaced


@pytest.mark.parametrize("overdue", [True, False], ids=["before it is told", "after it is resolved"])
def test_a_run_that_dies_while_it_tells_of_an_overdue_slice_leaves_no_exception_open(*, overdue: bool) -> None:
    world = MeteringWorld(closing=_DiesAfter(overdue=overdue))
    world.count(a_row("call-1"))
    read_up_to(world, enrich=NOON)
    with suppress(TimeoutError):
        world.close(AFTER_GRACE + timedelta(hours=7))
    world.close(AFTER_GRACE + timedelta(hours=8))
    assert world.reporter.open

    world.tails.newest.clear()
    with suppress(TimeoutError):
        world.close(AFTER_GRACE + timedelta(hours=9))
    world.close(AFTER_GRACE + timedelta(hours=10))
    assert not world.reporter.open
    assert world.closing.state().overdue is None


def test_a_slice_that_waits_too_long_is_one_exception_and_resolved_when_sealed() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"))
    read_up_to(world, enrich=NOON)

    for hours in (1, 7, 8):
        world.close(AFTER_GRACE + timedelta(hours=hours))
    told = {(record.code, record.subject) for record in world.reporter.reported}
    assert told == {(ExceptionCode.USAGE_INCOMPLETE, "2026-01-15T00:00:00.000000Z")}

    world.tails.newest.clear()
    assert world.close(AFTER_GRACE + timedelta(hours=9)) == 1
    assert not world.reporter.open


class _OpensMeanwhile(InMemoryClosingProgress):
    """Lets usage of an earlier slice come in while the first seals are put."""

    def __init__(self, earlier: datetime) -> None:
        super().__init__()
        self._earlier = earlier

    def seal_through(self, *, first_slice: datetime, sealed_through: datetime) -> bool:
        self.open_slice(self._earlier)
        return super().seal_through(first_slice=first_slice, sealed_through=sealed_through)


def test_an_earlier_slice_opened_meanwhile_is_sealed_by_the_next_run() -> None:
    world = MeteringWorld(closing=_OpensMeanwhile(DAY - timedelta(days=1)))
    world.count(a_row("call-1"))

    assert world.close(AFTER_GRACE) == 0
    world.count(a_row("call-0", occurred_at=NOON - timedelta(days=1)))
    assert world.close(AFTER_GRACE) == 2

    assert usage_of(world, period=Period(DAY - timedelta(days=1), DAY)) == 25
    assert usage_of(world) == 25
