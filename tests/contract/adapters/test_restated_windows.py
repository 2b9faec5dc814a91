"""A window that is stated anew: every reader of the ledger tells it as its buckets have it in the end."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.customer_usage import LedgerCustomerUsage
from shared.adapters.ledger_audit import LogsAudit
from shared.adapters.running_usage import LedgerRunningUsage
from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import SumState, WindowKey, WindowUsage, quantity_of
from shared.domain.metering.layout import WINDOW, Bucket
from shared.domain.metering.packing import pack_windows
from shared.domain.metering.slot import Log, UsageSlot
from shared.domain.time_period import Period
from tests.builders.metered_usage import LAYOUT, NOON, MeteringWorld, windows_counted

ACME = CustomerId("acme")
SUBJECTS = ("acme", "acme-eu")  # one in each group
DAY = datetime(2026, 1, 15, tzinfo=UTC)
THE_DAY = Period(DAY, DAY + timedelta(days=1))
BUCKETS = (Bucket(1, 0, DAY), Bucket(1, 1, DAY))
KEYS = [WindowKey(ACME, MeterCode("api_calls"), DAY + number * WINDOW, ()) for number in range(2)]

Said: TypeAlias = Sequence[WindowUsage]
usage = st.builds(
    lambda key, events, restates: WindowUsage(key, events, SumState(Decimal(events * 7)), restates),
    st.sampled_from(KEYS),
    st.integers(-2, 5),
    st.booleans(),
)
slots = st.lists(usage, max_size=5)


def what_holds(logs: Sequence[Said]) -> Counter[WindowKey]:
    """Work it out the slow way: of each bucket and window, all that was said since it was last stated anew."""
    total: Counter[WindowKey] = Counter()
    for log in logs:
        for key in {one.key for one in log}:
            said = [one for one in log if one.key == key]
            anew = [place for place, one in enumerate(said) if one.restates]
            total[key] += sum(one.events for one in said[anew[-1] if anew else 0 :])
    return total


def told(windows: Sequence[WindowUsage]) -> Counter[WindowKey]:
    total: Counter[WindowKey] = Counter()
    for one in windows:
        assert quantity_of(one.state) == one.events * 7
        assert not one.restates
        total[one.key] += one.events
    return total


def put(world: MeteringWorld, log: Log, slots: Said) -> None:
    for number, one in enumerate(slots, start=1):
        packed = pack_windows([one], log.bucket.slice_start)
        assert world.logs.put(log, number, UsageSlot(b"", packed, "1..1", NOON))


@settings(max_examples=60, deadline=None)
@given(st.tuples(slots, slots), st.tuples(slots, slots))
def test_every_reader_tells_what_holds(base: tuple[Said, Said], late: tuple[Said, Said]) -> None:
    world = MeteringWorld()
    assert world.closing.open_slice(DAY)
    for bucket, slots_of_bucket in zip(BUCKETS, base, strict=True):
        put(world, Log(bucket), slots_of_bucket)
    so_far = running_usage(world)
    assert told(so_far.of(ACME, SUBJECTS, THE_DAY).windows) == what_holds(base)
    world.close(DAY + timedelta(days=3))
    for bucket, slots_of_bucket in zip(BUCKETS, late, strict=True):
        put(world, Log(bucket, late=True), slots_of_bucket)

    expected = what_holds([[*before, *after] for before, after in zip(base, late, strict=True)])

    usage_read = LedgerCustomerUsage(
        snapshots=world.snapshots, logs=world.logs, closing=world.closing, layout=LAYOUT
    ).read(ACME, SUBJECTS, THE_DAY)
    assert told(usage_read.windows) == expected
    assert told(windows_counted(LogsAudit(world.logs, LAYOUT), THE_DAY)) == expected
    assert told(so_far.of(ACME, SUBJECTS, THE_DAY).windows) == expected
    assert told(running_usage(world).of(ACME, SUBJECTS, THE_DAY).windows) == expected


def running_usage(world: MeteringWorld) -> LedgerRunningUsage:
    return LedgerRunningUsage(
        snapshots=world.snapshots,
        logs=world.logs,
        closing=world.closing,
        layout=LAYOUT,
        clock=world.clock,
        future=timedelta(minutes=5),
        most_windows=1_000,
    )
