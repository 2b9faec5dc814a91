"""A void takes back what was counted of one event, once, whenever it comes and whatever happens meanwhile."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.adapters.ledger_audit import LogsAudit
from shared.domain.exception_record import ExceptionCode
from shared.domain.metering.log_view import LogViews
from shared.domain.metering.meter import Aggregation
from shared.domain.metering.slot import Content, Log, Seal, UsageSlot
from shared.domain.metering.standing_void import StandingVoid, VoidState
from shared.domain.time_period import Period
from shared.domain.usage.stream_record import StreamRecord
from tests.builders.corrected_usage import AROUND, CorrectedWorld, a_catalog, amended, call, voided
from tests.builders.metered_usage import LAYOUT, NOON, ids_counted
from tests.fakes.in_memory_metering_ledger import InMemoryMeteringLedger
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive

BUCKET = LAYOUT.home("acme", NOON)
DAY = timedelta(days=1)
WINDOW = "15 12:00"


def the_void(world: CorrectedWorld) -> StandingVoid:
    standing: StandingVoid
    (standing,) = world.corrections.standing(BUCKET)
    return standing


def slots(world: CorrectedWorld, *, late: bool = False) -> list[Content]:
    return [slot.content for slot in world.metering.logs.tail(Log(BUCKET, late), after=0)]


@pytest.fixture
def world() -> CorrectedWorld:
    return CorrectedWorld()


def test_a_voided_event_no_longer_counts_and_is_still_there(world: CorrectedWorld) -> None:
    world.use(call("call-1"), call("call-2", quantity=7))
    world.send(voided("call-1"))

    applied = world.apply()

    assert (applied.voided, applied.buckets) == (1, 1)
    assert world.usage() == {f"api_calls {WINDOW}": (1, "7")}
    counted, voiding = slots(world)
    assert isinstance(counted, UsageSlot)
    assert isinstance(voiding, UsageSlot)
    assert voiding.takes_back == counted.counts[:1]
    assert the_void(world).state is VoidState.APPLIED


@pytest.mark.parametrize("aggregation", [Aggregation.SUM, Aggregation.AVERAGE])
def test_a_void_takes_back_every_digit_that_was_counted(world: CorrectedWorld, aggregation: Aggregation) -> None:
    meter = aggregation.value
    world.use(call("e-1", meter=meter, quantity="123456789012345.123456789012345678"))
    world.use(call("e-2", meter=meter, quantity=7))
    world.send(voided("e-1"))

    world.apply()

    ((events, quantity),) = world.usage().values()
    assert (events, Decimal(quantity)) == (1, Decimal(7))


def test_a_void_said_twice_or_for_another_reason_is_one(world: CorrectedWorld) -> None:
    world.use(call("call-1"), call("call-2", quantity=7))
    world.send(voided("call-1"), voided("call-1"))
    world.apply()
    world.send(voided("call-1", id="void-again", data={"reason": "really"}))

    assert world.apply().voided == 0

    assert world.usage() == {f"api_calls {WINDOW}": (1, "7")}
    assert not world.reporter.reported


def test_an_amended_event_counts_for_the_one_that_it_corrects(world: CorrectedWorld) -> None:
    world.use(call("call-1", quantity=1000), call("call-2", quantity=7))
    world.use(amended("call-1", "call-1-right", quantity=10))

    world.apply()

    assert world.usage() == {f"api_calls {WINDOW}": (2, "17")}


def test_an_amendment_may_move_usage_to_another_customer_and_time(world: CorrectedWorld) -> None:
    world.use(call("call-1"))
    moved = amended("call-1", "call-1-right", subject="globex", at=NOON + DAY, original_subject="acme")
    moved["data"]["time"] = "2026-01-15T12:07:30Z"
    world.use(moved, arrived_at=NOON + DAY)

    world.apply(NOON + DAY)

    assert world.usage() == {"api_calls of globex 16 12:00": (1, "1")}


def test_what_amends_can_itself_be_amended_and_voided(world: CorrectedWorld) -> None:
    world.use(call("call-1", quantity=1))
    world.use(amended("call-1", "call-2", quantity=2))
    world.use(amended("call-2", "call-3", quantity=3))
    world.apply()
    assert world.usage() == {f"api_calls {WINDOW}": (1, "3")}

    world.send(voided("call-3"))
    world.apply()

    assert world.usage() == {}


def test_two_amendments_of_one_event_both_count_and_a_person_is_told(world: CorrectedWorld) -> None:
    world.use(call("call-1", quantity=1))
    world.use(amended("call-1", "call-2", quantity=2), amended("call-1", "call-3", quantity=3))

    world.apply()

    assert world.usage() == {f"api_calls {WINDOW}": (2, "5")}
    [conflict] = world.reporter.reported
    assert conflict.code is ExceptionCode.CORRECTION_CONFLICT
    assert conflict.detail["corrections"] == "urn:acme:gateway call-2, urn:acme:gateway call-3"


@pytest.mark.parametrize("aggregation", list(Aggregation))
@pytest.mark.parametrize("sealed", [False, True])
def test_every_aggregation_is_what_it_would_be_without_the_event(aggregation: Aggregation, sealed: bool) -> None:
    meter = aggregation.value
    events = [
        call(f"e-{n}", meter=meter, quantity=quantity, unique_key=f"user-{n % 3}", at=NOON + timedelta(seconds=n))
        for n, quantity in enumerate([5, 900, 1, 7, 1, 30])
    ]
    world, without = CorrectedWorld(), CorrectedWorld()
    world.use(*events[:3])
    world.use(*events[3:])
    if sealed:
        world.metering.logs.put(Log(BUCKET), 3, Seal())
    without.use(events[0], events[3], events[4])

    for n in (1, 2, 5):
        world.send(voided(f"e-{n}", at=NOON + timedelta(seconds=n)))
        world.apply()

    assert world.usage() == without.usage()
    assert len(slots(world, late=True)) == (3 if sealed else 0)

    for each in (world, without):
        each.use(call("late", meter=meter, quantity=2, unique_key="user-9"))
    assert world.usage() == without.usage()


@pytest.mark.parametrize("aggregation", list(Aggregation))
def test_a_window_of_which_nothing_is_left_is_gone_and_starts_anew(aggregation: Aggregation) -> None:
    meter, world = aggregation.value, CorrectedWorld()
    world.use(call("e-1", meter=meter, quantity=900), call("e-2", meter=meter, quantity=1))
    world.send(voided("e-1"), voided("e-2"))
    world.apply()
    assert world.usage() == {}

    world.use(call("e-3", meter=meter, quantity=5))

    without = CorrectedWorld()
    without.use(call("e-3", meter=meter, quantity=5))
    assert world.usage() == without.usage()


def test_all_meters_of_an_event_take_it_back(world: CorrectedWorld) -> None:
    world.use(call("call-1", dimensions={"region": "eu"}), call("call-2", dimensions={"region": "eu"}))
    world.send(voided("call-1"))

    assert world.apply().voided == 2
    assert world.usage() == {f"api_calls {WINDOW}": (1, "25"), f"european_calls {WINDOW}": (1, "50")}


def test_what_a_meter_counts_only_later_is_taken_back_then(world: CorrectedWorld) -> None:
    """As when one meter could not measure it, and it was released when a catalogue came that can."""
    world.send(call("call-1", dimensions={"region": "eu"}))
    parked = list(world.accepted.accepted)
    world.count(only="api_calls")
    world.send(voided("call-1"))
    assert world.apply().voided == 1
    world.accepted.accepted.extend(parked)
    world.count(only="european_calls")

    assert world.apply(NOON + 3 * DAY).voided == 1

    assert world.usage() == {}


def test_a_void_may_come_before_its_original(world: CorrectedWorld) -> None:
    world.send(voided("call-1"))
    assert world.apply().voided == 0
    assert the_void(world).state is VoidState.WAITING
    world.use(call("call-1"))

    world.apply(NOON + timedelta(hours=2))

    assert world.usage() == {}


def test_an_original_that_comes_again_after_its_void_is_still_a_repeat(world: CorrectedWorld) -> None:
    world.use(call("call-1"))
    world.send(voided("call-1"))
    world.apply()

    world.use(call("call-1"))
    world.send(call("call-1"))
    world.count(views=LogViews(most_ids=1_000))

    assert world.usage() == {}
    assert world.apply().voided == 0


def test_a_bucket_in_which_nothing_is_new_is_not_read_again(world: CorrectedWorld) -> None:
    world.use(call("call-1"))
    world.send(voided("call-1"))
    world.apply()

    assert world.apply().buckets == 0


def test_an_original_that_never_comes_is_told_when_it_no_longer_can(world: CorrectedWorld) -> None:
    world.send(voided("call-1"))
    world.apply()
    assert world.apply(NOON + 35 * DAY).buckets == 0
    assert not world.reporter.reported

    world.apply(NOON + 36 * DAY)

    [told] = world.reporter.reported
    assert told.code is ExceptionCode.CORRECTION_WITHOUT_ORIGINAL
    assert told.subject == "urn:acme:gateway call-1 of acme at 2026-01-15T12:07:30.000000Z"
    assert world.apply(NOON + 37 * DAY).buckets == 0


def test_an_original_that_is_released_after_all_is_voided_and_the_exception_closes(world: CorrectedWorld) -> None:
    world.send(call("call-1"))
    world.send(voided("call-1"))
    world.apply(NOON + 36 * DAY)
    world.count()

    world.apply(NOON + 37 * DAY)

    assert world.usage() == {}
    assert not world.reporter.open


@pytest.mark.parametrize(("changes"), [{"subject": "acme-test"}, {"at": NOON + timedelta(seconds=1)}])
def test_a_void_that_names_another_subject_or_time_of_the_bucket_voids_nothing(
    world: CorrectedWorld, changes: dict[str, Any]
) -> None:
    world.use(call("call-1"))
    wrong = voided("call-1", **changes)
    assert LAYOUT.home("acme-test", NOON) == BUCKET
    world.send(wrong)

    world.apply()

    assert world.usage() == {f"api_calls {WINDOW}": (1, "25")}
    assert the_void(world).state is VoidState.REFUSED
    [told] = world.reporter.reported
    assert told.code is ExceptionCode.CORRECTION_REFUSED


def test_the_right_void_works_beside_a_wrong_one(world: CorrectedWorld) -> None:
    world.use(call("call-1"))
    world.send(voided("call-1", at=NOON + timedelta(seconds=1)), voided("call-1"))

    world.apply()

    assert world.usage() == {}


def test_a_void_waits_for_the_archive_and_a_person_is_told(world: CorrectedWorld) -> None:
    archive, world.archive = world.archive, InMemoryUsageArchive()
    world.use(call("call-1"))
    full, world.archive = world.archive, archive
    world.send(voided("call-1"))
    world.apply()
    assert the_void(world).state is VoidState.WAITING
    assert not world.reporter.reported

    world.apply(NOON + 3 * DAY)
    [told] = world.reporter.reported
    assert told.code is ExceptionCode.CORRECTION_WAITS

    world.archive = full
    world.apply(NOON + 4 * DAY)
    assert world.usage() == {}
    assert not world.reporter.open


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("nth", range(4))
def test_killed_where_it_tells_that_a_void_waits_it_is_told_and_closes_when_the_void_is_applied(
    world: CorrectedWorld, nth: int, after: bool
) -> None:
    archive, world.archive = world.archive, InMemoryUsageArchive()
    world.use(call("call-1"))
    full, world.archive = world.archive, archive
    world.send(voided("call-1"))
    corrections, reporter = world.corrections, world.reporter
    calls = iter([number == nth for number in range(50)])
    world.corrections = Dying(corrections, calls, after=after)
    world.reporter = Dying(reporter, calls, after=after)
    with suppress(ConnectionError):
        world.apply(NOON + 3 * DAY)
    world.corrections, world.reporter = corrections, reporter

    world.apply(NOON + 3 * DAY + timedelta(hours=6))
    assert [one.code for one in world.reporter.open.values()] == [ExceptionCode.CORRECTION_WAITS]
    world.archive = full
    world.apply(NOON + 4 * DAY)

    assert not world.reporter.open


def test_killed_after_it_told_that_a_void_waits_the_run_that_applies_it_closes_that(world: CorrectedWorld) -> None:
    archive, world.archive = world.archive, InMemoryUsageArchive()
    world.use(call("call-1"))
    full, world.archive = world.archive, archive
    world.send(voided("call-1"))
    reporter = world.reporter
    world.reporter = Dying(reporter, iter([True]), after=True)
    with pytest.raises(ConnectionError):
        world.apply(NOON + 3 * DAY)
    world.reporter = reporter
    assert [one.code for one in reporter.open.values()] == [ExceptionCode.CORRECTION_WAITS]

    world.archive = full
    world.apply(NOON + 4 * DAY)

    assert world.usage() == {}
    assert not reporter.open


def test_what_a_person_closed_is_not_opened_by_looking_again(world: CorrectedWorld) -> None:
    world.send(voided("call-1"))
    world.apply(NOON + 36 * DAY)
    [told] = world.reporter.reported

    world.send(voided("call-1"), arrived_at=NOON + 40 * DAY)
    world.apply(NOON + 41 * DAY)

    assert all(again.raised_at <= told.raised_at for again in world.reporter.reported)


def test_a_maximum_waits_until_the_archive_has_every_event_of_its_window(world: CorrectedWorld) -> None:
    world.use(call("e-1", meter="max", quantity=900))
    archive, world.archive = world.archive, InMemoryUsageArchive()
    world.use(call("e-2", meter="max", quantity=1))
    world.archive = archive
    world.send(voided("e-1"))

    world.apply()

    assert world.usage() == {f"max {WINDOW}": (2, "900")}


def test_what_came_by_a_backfill_long_after_the_horizon_is_taken_back(world: CorrectedWorld) -> None:
    world.use(call("e-1", meter="max", quantity=900))
    world.backfill(call("call-1"), call("e-2", meter="max", quantity=1), closed_at=NOON + 60 * DAY)
    world.send(voided("call-1"), voided("e-1"), arrived_at=NOON + 61 * DAY)

    world.apply(NOON + 62 * DAY)

    assert world.usage() == {f"max {WINDOW}": (1, "1")}


def test_what_was_counted_for_one_customer_is_taken_back_there_though_it_moved(world: CorrectedWorld) -> None:
    world.use(call("call-1", subject="acme-eu"), call("e-1", subject="acme-eu", meter="max", quantity=3))
    world.publish(a_catalog(("acme", "acme"), ("acme-eu", "globex")))
    world.send(voided("call-1", subject="acme-eu"), voided("e-1", subject="acme-eu"))

    world.apply()

    assert world.usage() == {}


@pytest.mark.parametrize("meter", ["api_calls", "max"])
@pytest.mark.parametrize("moved", [True, False])
def test_what_was_counted_beside_another_customer_is_taken_back_where_it_was(
    world: CorrectedWorld, meter: str, *, moved: bool
) -> None:
    mine = [call(f"e-{n}", subject="acme-eu", meter=meter, quantity=5 + n) for n in range(2)]
    world.use(*mine, call("other", subject="globex", meter=meter, quantity=100))
    if moved:
        world.publish(a_catalog(("acme", "acme"), ("acme-eu", "globex"), ("globex", "globex")))
    world.send(voided("e-1", subject="acme-eu"))

    world.apply()

    assert world.usage() == {f"{meter} {WINDOW}": (1, "5"), f"{meter} of globex {WINDOW}": (1, "100")}

    world.send(voided("other", subject="globex"))
    world.apply()

    assert world.usage() == {f"{meter} {WINDOW}": (1, "5")}


def test_a_void_waits_where_nobody_can_tell_who_was_billed(world: CorrectedWorld) -> None:
    """All subjects have changed hands since, and their customers share the slot."""
    world.publish(a_catalog(("acme-eu", "acme"), ("acme-asia", "acme"), ("globex", "globex")))
    world.use(
        call("e-1", subject="acme-eu", quantity=5),
        call("e-2", subject="acme-asia", quantity=6),
        call("other", subject="globex"),
    )
    before = world.usage()
    world.publish(a_catalog(("acme-eu", "globex"), ("acme-asia", "globex"), ("globex", "acme")))
    world.send(voided("e-1", subject="acme-eu"))

    world.apply(NOON + 3 * DAY)

    assert world.usage() == before
    assert [told.code for told in world.reporter.reported] == [ExceptionCode.CORRECTION_WAITS]


def test_a_conflicting_content_is_not_taken_for_the_one_that_counts(world: CorrectedWorld) -> None:
    world.use(call("call-1", quantity=25))
    world.use(call("call-1", quantity=99))
    world.send(voided("call-1"))

    world.apply()

    assert world.usage() == {}


def test_a_void_after_the_seal_is_late_usage(world: CorrectedWorld) -> None:
    world.use(call("call-1"), call("call-2", quantity=7))
    world.metering.logs.put(Log(BUCKET), 2, Seal())
    world.send(voided("call-1"), arrived_at=NOON + 60 * DAY)

    world.apply(NOON + 60 * DAY)

    assert world.usage() == {f"api_calls {WINDOW}": (1, "7")}
    (late,) = slots(world, late=True)
    assert isinstance(late, UsageSlot)
    assert late.arrived_at == NOON + 60 * DAY


def test_voids_that_come_after_the_ids_may_be_forgotten_are_refused(world: CorrectedWorld) -> None:
    world.use(call("call-1"))

    world.send(voided("call-1"), arrived_at=NOON + 111 * DAY)

    [told] = world.reporter.reported
    assert told.code is ExceptionCode.EVENT_TOO_OLD
    assert not list(world.corrections.corrected())


def test_a_bucket_that_is_forgotten_is_examined_no_more(world: CorrectedWorld) -> None:
    world.send(voided("call-1"))
    world.apply()

    assert world.apply(NOON + 125 * DAY).buckets == 0

    assert the_void(world).state is VoidState.REFUSED
    assert [told.code for told in world.reporter.reported] == [ExceptionCode.CORRECTION_WITHOUT_ORIGINAL]
    assert not list(world.corrections.corrected())


class Interrupting(InMemoryMeteringLedger):
    """Has something else happen right before a put."""

    def __init__(self) -> None:
        super().__init__()
        self.before_put: Any = None

    def put(self, log: Log, number: int, content: Content) -> bool:
        happens, self.before_put = self.before_put, None
        if happens:
            happens()
        return super().put(log, number, content)


@pytest.mark.parametrize("aggregation", [Aggregation.SUM, Aggregation.MAX, Aggregation.UNIQUE])
@pytest.mark.parametrize("race", ["usage", "seal", "another run"])
def test_whoever_takes_the_slot_first_the_totals_are_the_same(aggregation: Aggregation, race: str) -> None:
    logs = Interrupting()
    world = CorrectedWorld()
    world.metering.logs = logs
    meter = aggregation.value
    world.use(call("e-1", meter=meter, quantity=900), call("e-2", meter=meter, quantity=1))
    world.send(call("e-3", meter=meter, quantity=4))
    world.send(voided("e-1"))
    races = {
        "usage": world.count,
        "seal": lambda: logs.put(Log(BUCKET), 2, Seal()),
        "another run": world.apply,
    }
    logs.before_put = races[race]

    world.apply()
    world.count()

    without = CorrectedWorld()
    without.use(call("e-2", meter=meter, quantity=1), call("e-3", meter=meter, quantity=4))
    assert world.usage() == without.usage()


class Dying:
    """Dies at the n-th call of a port's writing methods, before it or after it."""

    def __init__(self, port: Any, calls: Iterator[bool], *, after: bool) -> None:
        self._port, self._calls, self._after = port, calls, after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if name not in ("put", "mark", "examined", "report", "resolve"):
            return method

        def call_or_die(*args: Any, **kwargs: Any) -> Any:
            dies = next(self._calls)
            answer = None if dies and not self._after else method(*args, **kwargs)
            if dies:
                raise ConnectionError(name)
            return answer

        return call_or_die


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("nth", range(5))
def test_killed_at_any_write_it_is_finished_by_the_next_run(nth: int, after: bool) -> None:
    world = CorrectedWorld()
    world.use(call("e-1", meter="max", quantity=900), call("e-2", meter="max", quantity=1), call("call-1"))
    world.send(voided("e-1"), voided("call-1"), voided("call-1", id="again"))
    logs, corrections, reporter = world.metering.logs, world.corrections, world.reporter
    calls = iter([number == nth for number in range(50)])
    world.metering.logs = Dying(logs, calls, after=after)
    world.corrections = Dying(corrections, calls, after=after)
    world.reporter = Dying(reporter, calls, after=after)
    with suppress(ConnectionError):
        world.apply()
    world.metering.logs, world.corrections, world.reporter = logs, corrections, reporter

    world.apply(NOON + timedelta(hours=2))

    assert world.usage() == {f"max {WINDOW}": (1, "1")}
    assert {one.state for one in corrections.standing(BUCKET)} == {VoidState.APPLIED}


def test_more_voids_than_a_slot_takes_are_put_in_several(world: CorrectedWorld) -> None:
    world.use(*[call(f"call-{n}", quantity=1) for n in range(1_500)])
    world.send(*[voided(f"call-{n}") for n in range(1_499)])

    assert world.apply().voided == 1_499

    assert world.usage() == {f"api_calls {WINDOW}": (1, "1")}
    assert len(slots(world)) == 3


def test_days_that_are_not_needed_are_not_read() -> None:
    days: list[datetime] = []

    class Counting(InMemoryUsageArchive):
        def read(self, arrived: Period) -> Iterator[StreamRecord]:
            days.append(arrived.start)
            return super().read(arrived)

    world = CorrectedWorld()
    world.archive = Counting()
    world.use(call("call-1"), call("e-1", meter="max"))
    world.send(voided("call-1"), voided("e-1"), arrived_at=NOON + 30 * DAY)

    world.apply(NOON + 30 * DAY)

    assert world.usage() == {}
    assert len(days) == 1


def test_the_audit_tells_voided_ids_from_those_that_count(world: CorrectedWorld) -> None:
    world.use(call("call-1"), call("call-2"))
    world.send(voided("call-1"))
    world.apply()
    audit = LogsAudit(world.metering.logs, LAYOUT)

    counting = ids_counted(audit, AROUND)
    taken = {whole for counted in audit.counted(AROUND) for whole in counted.voided_ids}

    assert (len(counting), len(taken)) == (1, 1)
    assert not counting & taken
