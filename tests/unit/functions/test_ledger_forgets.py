"""Ids are forgotten after months: nothing is counted twice for it, nothing is lost, what cannot be known is said."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from functions.close_usage_windows.use_case import SliceForgottenError
from shared.adapters.customer_usage import LedgerCustomerUsage
from shared.adapters.ledger_audit import LogsAudit
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import quantity_of
from shared.domain.metering.layout import BucketLayout, InvalidLayoutError
from shared.domain.metering.slot import LogHasGapError
from shared.domain.metering.slot_lifetime import KEPT, STREAM_RETENTION, expires_at, is_forgotten, is_remembered
from shared.domain.time_period import Period
from tests.builders.metered_usage import LAYOUT, NOON, MeteringWorld, a_row, ids_counted, windows_counted

DAY = datetime(2026, 1, 15, tzinfo=UTC)
THE_DAY = Period(DAY, DAY + timedelta(days=1))
LONG_AFTER = DAY + KEPT
THE_DAY_AFTER = Period(LONG_AFTER, LONG_AFTER + timedelta(days=1))


def a_sealed_day_of_long_ago() -> MeteringWorld:
    world = MeteringWorld()
    world.count(a_row("call-1"), a_row("call-2"))
    world.close(NOON + timedelta(days=3))
    world.count(a_row("late-1"), arrived_at=NOON + timedelta(days=3))
    world.logs.expire(LONG_AFTER)
    return world


def usage_of(world: MeteringWorld) -> Decimal:
    reader = LedgerCustomerUsage(snapshots=world.snapshots, logs=world.logs, closing=world.closing, layout=LAYOUT)
    return sum(
        (quantity_of(window.state) for window in reader.read(CustomerId("acme"), ("acme",), THE_DAY).windows),
        Decimal(0),
    )


def test_sums_stay_sealed_and_late() -> None:
    assert usage_of(a_sealed_day_of_long_ago()) == 75


def test_what_comes_again_after_its_id_is_forgotten_is_refused_and_told() -> None:
    world = a_sealed_day_of_long_ago()

    world.count(a_row("call-1"), a_row("late-1"), arrived_at=LONG_AFTER)

    assert usage_of(world) == 75
    first, second = world.reporter.reported
    assert first.code is ExceptionCode.EVENT_TOO_OLD
    assert first.subject == "shardId-000000000000:call-1:0"
    assert second.detail == {"source": "urn:acme:gateway", "event_id": "late-1", "customer": "acme"}


def test_its_neighbours_in_the_batch_are_counted() -> None:
    world = a_sealed_day_of_long_ago()

    world.count(a_row("call-1"), a_row("call-3", occurred_at=LONG_AFTER), arrived_at=LONG_AFTER)

    assert sum(usage.events for usage in windows_counted(LogsAudit(world.logs, LAYOUT), THE_DAY_AFTER)) == 1
    assert len(world.reporter.reported) == 1


def test_a_batch_that_waited_on_its_stream_as_long_as_it_can_still_meets_the_ids() -> None:
    arrived_at = expires_at(DAY) - STREAM_RETENTION - timedelta(days=1, seconds=1)
    assert not is_forgotten(DAY, arrived_at)

    world = MeteringWorld()
    world.count(a_row("call-1"))
    world.logs.expire(arrived_at + STREAM_RETENTION)
    world.count(a_row("call-1"), arrived_at=arrived_at)

    assert [usage.events for usage in windows_counted(LogsAudit(world.logs, LAYOUT), THE_DAY)] == [1]


def test_a_slice_that_was_not_sealed_in_time_is_never_sealed_short() -> None:
    world = MeteringWorld()
    world.count(a_row("call-1"))

    with pytest.raises(SliceForgottenError):
        world.close(LONG_AFTER)

    assert world.closing.state().sealed_through is None


def test_an_audit_of_forgotten_logs_does_not_pass_for_an_empty_ledger() -> None:
    world = a_sealed_day_of_long_ago()

    with pytest.raises(LogHasGapError):
        ids_counted(LogsAudit(world.logs, LAYOUT), THE_DAY)


def test_a_period_is_remembered_until_its_first_slice_may_be_forgotten() -> None:
    january = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))

    assert is_remembered(january, datetime(2026, 4, 25, tzinfo=UTC))
    assert not is_remembered(january, datetime(2026, 5, 5, tzinfo=UTC))


def test_no_slice_is_longer_than_its_memory_allows() -> None:
    with pytest.raises(InvalidLayoutError, match="more than 7 days"):
        BucketLayout.parse('[{"version":1,"valid_from":"1970-01-01T00:00:00Z","groups":1,"slice_minutes":20160}]')
