"""Writers that share a bucket lose few races: who met another one looks first, until it is alone again."""

from datetime import timedelta

import pytest

from functions.aggregate_usage.use_case import BucketContendedError
from shared.adapters.ledger_audit import LogsAudit
from shared.domain.metering.log_view import LogViews
from shared.domain.metering.slot import Content, Log, NumberedSlot
from shared.domain.time_period import Period
from tests.builders.metered_usage import LAYOUT, NOON, MeteringWorld, a_row, windows_counted
from tests.fakes.in_memory_metering_ledger import InMemoryMeteringLedger

LOG = Log(LAYOUT.home("acme", NOON))


class _CountedCalls(InMemoryMeteringLedger):
    def __init__(self) -> None:
        super().__init__()
        self.puts = self.looks = 0

    def put(self, log: Log, number: int, content: Content) -> bool:
        self.puts += 1
        return super().put(log, number, content)

    def tail(self, log: Log, after: int) -> tuple[NumberedSlot, ...]:
        self.looks += 1
        return super().tail(log, after)


class _AlwaysTaken(InMemoryMeteringLedger):
    def put(self, log: Log, number: int, content: Content) -> bool:
        return False


@pytest.fixture
def logs() -> _CountedCalls:
    return _CountedCalls()


@pytest.fixture
def world(logs: _CountedCalls) -> MeteringWorld:
    return MeteringWorld(logs=logs)


def test_a_writer_that_is_alone_never_looks_again(world: MeteringWorld, logs: _CountedCalls) -> None:
    for batch in range(20):
        world.count(a_row(f"call-{batch}"))

    assert (logs.puts, logs.looks) == (20, 1)
    assert world.metrics.totals == {"SlotsTaken": 20}


def test_two_writers_in_turns_lose_a_race_once_each(world: MeteringWorld, logs: _CountedCalls) -> None:
    lanes = [LogViews(most_ids=10_000) for _ in range(2)]
    for batch in range(40):
        world.count(a_row(f"call-{batch}"), views=lanes[batch % 2])

    assert world.metrics.totals == {"SlotsTaken": 40, "SlotsLost": 2}
    assert logs.puts == 42
    the_day_before = Period(NOON - timedelta(days=1), NOON)
    assert sum(usage.events for usage in windows_counted(LogsAudit(logs, LAYOUT), the_day_before)) == 40


def test_a_writer_that_is_alone_again_stops_looking(world: MeteringWorld, logs: _CountedCalls) -> None:
    other = LogViews(most_ids=10_000)
    world.count(a_row("call-1"))
    world.count(a_row("call-2"), views=other)
    world.count(a_row("call-3"))  # loses a race
    for batch in range(8):
        world.count(a_row(f"alone-{batch}"))
    looks = logs.looks

    for batch in range(20):
        world.count(a_row(f"still-alone-{batch}"))

    assert logs.looks == looks


def test_a_batch_that_gives_up_is_told_to_those_who_watch() -> None:
    world = MeteringWorld(logs=_AlwaysTaken())

    with pytest.raises(BucketContendedError):
        world.count(a_row("call-1"))

    assert world.metrics.totals == {"SlotsLost": 51, "BucketsContended": 1}


def test_conflicts_are_told_once_a_batch(world: MeteringWorld) -> None:
    world.count(a_row("call-1"), a_row("call-2"))

    world.count(a_row("call-1", quantity="1"), a_row("call-2", quantity="1"))

    assert world.metrics.totals["UsageConflicts"] == 2
