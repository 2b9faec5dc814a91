"""Sealed usage comes back customer by customer as it was counted, from every keeper of snapshots."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.customer_usage import DynamoCustomerUsage
from shared.adapters.dynamodb.ledger_audit import DynamoLedgerAudit
from shared.adapters.dynamodb.usage_snapshots import DynamoUsageSnapshots
from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import UniqueState, WindowUsage, merge_windows, quantity_of
from shared.domain.metering.layout import Bucket
from shared.domain.metering.reading import SlotsRead
from shared.domain.metering.tally import tally
from shared.domain.time_period import Period
from shared.ports.usage_snapshots import UsageSnapshots
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.metered_usage import LAYOUT, NOON, TENANT, MeteringWorld, a_row, ids_counted, windows_counted
from tests.fakes.in_memory_metering_ledger import InMemoryUsageSnapshots

DAY = datetime(2026, 1, 15, tzinfo=UTC)
ACME, GLOBEX = CustomerId("acme"), CustomerId("globex")
BUCKET = Bucket(1, 0, DAY)
THE_DAY = Period(DAY, DAY + timedelta(days=1))


@pytest.fixture(params=["in memory", "dynamodb"])
def snapshots(request: pytest.FixtureRequest) -> Iterator[UsageSnapshots]:
    if request.param == "in memory":
        yield InMemoryUsageSnapshots()
        return
    with mock_aws():
        yield DynamoUsageSnapshots(aws.dynamodb(), create_table("ledger"), TENANT)


def windows_of(snapshots: UsageSnapshots, customer_id: CustomerId, slices: Period = THE_DAY) -> list[WindowUsage]:
    found = (window for _, windows in snapshots.read(customer_id, slices) for window in windows)
    return sorted(merge_windows(found), key=lambda usage: usage.key)


def test_each_customer_reads_its_own_usage(snapshots: UsageSnapshots) -> None:
    acme, globex = tally([a_row("call-1"), a_row("call-2", subject="globex")])
    snapshots.write(BUCKET, 4, {ACME: [acme], GLOBEX: [globex]})

    [(seal, windows)] = snapshots.read(ACME, THE_DAY)

    assert seal == SlotsRead(layout_version=1, group=0, slice_start=DAY, last_slot=4)
    assert windows == (acme,)


def test_writing_again_changes_nothing(snapshots: UsageSnapshots) -> None:
    usage = {ACME: tally([a_row("call-1")])}
    for _ in range(2):
        snapshots.write(BUCKET, 4, usage)

    assert len(list(snapshots.read(ACME, THE_DAY))) == 1


def test_only_slices_that_start_in_the_period_are_read(snapshots: UsageSnapshots) -> None:
    for days in (-1, 0, 1):
        snapshots.write(Bucket(1, 0, DAY + timedelta(days=days)), 1, {ACME: tally([a_row("call-1")])})

    assert [seal.slice_start for seal, _ in snapshots.read(ACME, THE_DAY)] == [DAY]


def test_more_customers_than_one_call_takes_are_all_written(snapshots: UsageSnapshots) -> None:
    customers = [CustomerId(f"customer-{number}") for number in range(60)]
    snapshots.write(BUCKET, 1, {customer: tally([a_row("call-1", subject=customer)]) for customer in customers})

    assert all(windows_of(snapshots, customer) for customer in customers)


def test_a_window_with_more_keys_than_an_item_holds_is_cut_and_comes_back_whole(snapshots: UsageSnapshots) -> None:
    rows = [a_row(f"call-{n}", unique_key=f"user-{n}", aggregation="unique") for n in range(45_000)]
    counted = tally(rows)
    snapshots.write(BUCKET, 1, {ACME: counted})

    [read] = windows_of(snapshots, ACME)

    assert isinstance(read.state, UniqueState)
    assert [read] == list(counted)


def test_a_month_of_one_customer_on_dynamodb_is_what_was_counted() -> None:
    with mock_aws():
        table = create_table("ledger")
        world = MeteringWorld.on_dynamodb(table)
        rows = [a_row(f"call-{n}", quantity=f"{n}.5", occurred_at=NOON + timedelta(hours=7 * n)) for n in range(100)]
        world.count(*rows[:60])
        world.count(*rows[40:])
        world.close(NOON + timedelta(days=35))
        world.count(a_row("forgotten", quantity="0.25", occurred_at=NOON + timedelta(days=3)))

        period = Period(NOON - timedelta(minutes=7, seconds=30), NOON + timedelta(days=32, minutes=-7, seconds=-30))
        reading = DynamoCustomerUsage(aws.dynamodb(), table, TENANT, LAYOUT).read(ACME, ("acme",), period)
        audit = DynamoLedgerAudit(aws.dynamodb(), table, TENANT, LAYOUT)

        total = sum((quantity_of(usage.state) for usage in reading.windows), Decimal(0))
        assert total == Decimal("5000.25")
        assert sum(usage.events for usage in windows_counted(audit, period)) == 101
        assert len(ids_counted(audit, period)) == 101
        assert [read.last_slot for read in reading.manifest.late] == [1]
        assert all(read.layout_version == 1 for read in reading.manifest.sealed)
