"""At any moment a customer's usage so far is what was counted, whether sealed, open or late, on every ledger."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from moto import mock_aws

from shared.adapters.running_usage import LedgerRunningUsage
from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import CountState, SumState, quantity_of
from shared.domain.metering.reading import UsageSoFar
from shared.domain.metering.slot import Log, NumberedSlot
from shared.domain.metering.usage_place import LateSlot
from shared.domain.time_period import Period
from shared.ports.metering_ledger import MeteringLedger
from tests.builders.aws_resources import create_table
from tests.builders.metered_usage import LAYOUT, NOON, MeteringWorld, a_row

ACME = CustomerId("acme")
DAY = timedelta(days=1)
JANUARY = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))


@pytest.fixture(params=["in memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[MeteringWorld]:
    if request.param == "in memory":
        yield MeteringWorld()
        return
    with mock_aws():
        yield MeteringWorld.on_dynamodb(create_table("ledger"))


def reader(
    world: MeteringWorld, *, most_windows: int = 10_000, logs: MeteringLedger | None = None
) -> LedgerRunningUsage:
    return LedgerRunningUsage(
        snapshots=world.snapshots,
        logs=logs or world.logs,
        closing=world.closing,
        layout=LAYOUT,
        clock=world.clock,
        future=timedelta(minutes=5),
        most_windows=most_windows,
    )


def total(usage: UsageSoFar) -> Decimal:
    return sum((quantity_of(window.state) for window in usage.windows), Decimal(0))


def test_nothing_is_used_at_first(world: MeteringWorld) -> None:
    so_far = reader(world).of(ACME, ("acme",), JANUARY)

    assert so_far == UsageSoFar(windows=(), as_of=NOON, complete_until=None)


def test_usage_is_seen_as_soon_as_it_is_counted(world: MeteringWorld) -> None:
    running = reader(world)
    for counted in range(1, 4):
        world.count(a_row(f"call-{counted}", quantity="2.5"), a_row(f"other-{counted}", subject="globex"))
        assert total(running.of(ACME, ("acme",), JANUARY)) == Decimal("2.5") * counted

    assert [usage.events for usage in running.of(ACME, ("acme",), JANUARY).windows] == [3]


def test_a_seal_changes_nothing_and_late_usage_adds_to_it(world: MeteringWorld) -> None:
    running = reader(world)
    world.clock.instant = NOON + DAY
    world.count(a_row("call-1"), a_row("call-2", occurred_at=NOON + DAY))
    before = total(running.of(ACME, ("acme",), JANUARY))

    for day in range(3, 6):
        world.close(NOON + day * DAY)
        assert total(running.of(ACME, ("acme",), JANUARY)) == before == Decimal(50)
    for late in range(1, 4):
        world.count(a_row(f"late-{late}"), a_row(f"later-{late}", occurred_at=NOON + DAY))
        so_far = running.of(ACME, ("acme",), JANUARY)
        assert total(so_far) == before + 50 * late
        assert total(reader(world).of(ACME, ("acme",), JANUARY)) == total(so_far)


def test_the_windows_of_a_period_are_those_that_start_inside_it(world: MeteringWorld) -> None:
    world.clock.instant = NOON + 2 * DAY
    for days in (-1, 0, 1):
        world.count(a_row(f"call-{days}", occurred_at=NOON + days * DAY))

    the_day = Period(NOON.replace(hour=12, minute=0, second=0), NOON + DAY - timedelta(minutes=30))

    assert total(reader(world).of(ACME, ("acme",), the_day)) == 25


def test_an_open_period_is_read_up_to_now(world: MeteringWorld) -> None:
    world.count(a_row("call-1", occurred_at=NOON + timedelta(minutes=5)))

    assert total(reader(world).of(ACME, ("acme",), Period(NOON - DAY, None))) == 25
    assert reader(world).of(ACME, ("acme",), Period(NOON + DAY, None)).windows == ()


def test_all_subjects_of_a_customer_are_one_and_meters_stay_apart(world: MeteringWorld) -> None:
    subjects = tuple(f"acme-{number}" for number in range(6))
    assert len({LAYOUT.home(subject, NOON).group for subject in subjects}) == 2
    world.count(
        *[a_row(f"call-{subject}", subject=subject, customer="acme") for subject in subjects],
        *[
            a_row(f"job-{subject}", subject=subject, customer="acme", meter="jobs", aggregation="count")
            for subject in subjects
        ],
    )

    states = {usage.key.meter: usage.state for usage in reader(world).of(ACME, subjects, JANUARY).windows}

    assert states == {"api_calls": SumState(Decimal(150)), "jobs": CountState(6)}


def test_what_it_covers_is_told(world: MeteringWorld) -> None:
    world.count(a_row("call-1"))
    world.close(NOON + 3 * DAY)
    world.clock.instant = NOON + 3 * DAY + timedelta(minutes=9)

    so_far = reader(world).of(ACME, ("acme",), JANUARY)

    assert so_far.as_of == NOON + 3 * DAY + timedelta(minutes=9)
    assert so_far.complete_until == NOON + 3 * DAY


class CountingLogs:
    """Passes everything on, and counts queries and the slots they bring."""

    def __init__(self, logs: MeteringLedger) -> None:
        self._logs = logs
        self.queries = self.slots = 0
        self.put = logs.put

    def tail(self, log: Log, after: int) -> tuple[NumberedSlot, ...]:
        found = self._logs.tail(log, after)
        self.queries, self.slots = self.queries + 1, self.slots + len(found)
        return found

    def late_slots(self, version: int, group: int, period: Period) -> Iterator[LateSlot]:
        found = list(self._logs.late_slots(version, group, period))
        self.queries, self.slots = self.queries + 1, self.slots + len(found)
        yield from found

    def cost_of(self, read: Callable[[], object]) -> tuple[int, int]:
        self.queries = self.slots = 0
        read()
        return self.queries, self.slots


def test_reading_again_brings_only_what_is_new(world: MeteringWorld) -> None:
    for day in range(20):
        world.count(*[a_row(f"call-{day}-{n}", occurred_at=NOON + day * DAY) for n in range(20)])
    world.close(NOON + 19 * DAY)
    world.count(a_row("late-1", occurred_at=NOON), a_row("late-2", occurred_at=NOON + 9 * DAY))
    counting = CountingLogs(world.logs)
    running = reader(world, logs=counting)
    month = Period(NOON - DAY, NOON + 30 * DAY)

    def read() -> object:
        return running.of(ACME, ("acme",), month)

    first = counting.cost_of(read)
    again = counting.cost_of(read)
    world.count(a_row("new", occurred_at=NOON + 19 * DAY))
    with_news = counting.cost_of(read)

    assert first == (3, 4)  # two open days of one slot each, and two late slots in one query
    assert again == (7, 0)  # the open days, two late slices, before and after and between them
    assert with_news == (7, 1)


def test_what_does_not_fit_is_forgotten_and_read_again(world: MeteringWorld) -> None:
    world.count(*[a_row(f"call-{n}", dimensions=(("region", f"r{n}"),)) for n in range(5)])
    running = reader(world, most_windows=3)

    for _ in range(2):
        assert total(running.of(ACME, ("acme",), JANUARY)) == 125
