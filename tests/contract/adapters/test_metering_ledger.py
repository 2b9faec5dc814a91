"""Every keeper of the ledger gives a slot to one writer only, and shows all that is written at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.domain.metering.append import fill_slot
from shared.domain.metering.layout import Bucket
from shared.domain.metering.slot import Log, NumberedSlot, Seal, UsageSlot
from shared.domain.metering.slot_lifetime import expires_at
from shared.domain.time_period import Period
from shared.ports.metering_ledger import MeteringLedger
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.metered_usage import NOON, TENANT, a_row
from tests.fakes.in_memory_metering_ledger import InMemoryMeteringLedger

DAY = datetime(2026, 1, 15, tzinfo=UTC)
BUCKET = Bucket(1, 0, DAY)
BASE, LATE = Log(BUCKET), Log(BUCKET, late=True)


@pytest.fixture(params=["in memory", "dynamodb"])
def ledger(request: pytest.FixtureRequest) -> Iterator[MeteringLedger]:
    if request.param == "in memory":
        yield InMemoryMeteringLedger()
        return
    with mock_aws():
        yield DynamoMeteringLedger(aws.dynamodb(), create_table("ledger"), TENANT)


def a_slot(*event_ids: str) -> UsageSlot:
    slot, rest = fill_slot([a_row(event_id) for event_id in event_ids], slice_start=DAY, arrived_at=NOON)
    assert not rest
    return slot


def test_a_slot_is_taken_once(ledger: MeteringLedger) -> None:
    assert ledger.put(BASE, 1, a_slot("call-1"))
    assert not ledger.put(BASE, 1, a_slot("call-2"))

    assert ledger.tail(BASE, after=0) == (NumberedSlot(1, a_slot("call-1")),)


def test_a_slot_keeps_what_it_voids(ledger: MeteringLedger) -> None:
    counted = a_slot("call-1", "call-2")
    voiding = UsageSlot(b"", a_slot("call-1").packed_windows, "d..d", NOON, voids=counted.fingerprints)

    ledger.put(BASE, 1, counted)
    ledger.put(BASE, 2, voiding)

    (slot,) = ledger.tail(BASE, after=1)
    assert slot.content == voiding
    assert voiding.takes_back == counted.counts
    assert voiding.events == 0


def test_the_same_content_does_not_take_a_slot_twice(ledger: MeteringLedger) -> None:
    assert ledger.put(BASE, 1, a_slot("call-1"))
    assert not ledger.put(BASE, 1, a_slot("call-1"))


def test_the_tail_is_what_follows(ledger: MeteringLedger) -> None:
    for number in range(1, 13):
        ledger.put(BASE, number, a_slot(f"call-{number}"))

    assert [slot.number for slot in ledger.tail(BASE, after=9)] == [10, 11, 12]
    assert ledger.tail(BASE, after=12) == ()


def test_a_seal_takes_a_slot_like_usage(ledger: MeteringLedger) -> None:
    ledger.put(BASE, 1, a_slot("call-1"))

    assert ledger.put(BASE, 2, Seal())
    assert not ledger.put(BASE, 2, a_slot("call-2"))
    assert ledger.tail(BASE, after=1) == (NumberedSlot(2, Seal()),)


def test_late_logs_stand_beside_their_base_and_beside_each_other(ledger: MeteringLedger) -> None:
    next_day = Log(Bucket(1, 0, DAY + timedelta(days=1)), late=True)
    other_group = Log(Bucket(1, 1, DAY), late=True)
    for log in (BASE, LATE, next_day, other_group):
        assert ledger.put(log, 1, a_slot("call-1"))

    assert len(ledger.tail(LATE, after=0)) == 1
    assert [late.bucket for late in ledger.late_slots(1, 0, Period(DAY, None))] == [BUCKET, next_day.bucket]


def test_late_slots_come_by_slice_within_the_period(ledger: MeteringLedger) -> None:
    days = [DAY + timedelta(days=day) for day in range(3)]
    for day in days:
        for number in (1, 2):
            ledger.put(Log(Bucket(1, 0, day), late=True), number, a_slot(f"{day:%d}-{number}"))

    found = [(late.bucket.slice_start, late.number) for late in ledger.late_slots(1, 0, Period(days[0], days[2]))]

    assert found == [(days[0], 1), (days[0], 2), (days[1], 1), (days[1], 2)]


def test_a_long_log_is_read_to_its_end(ledger: MeteringLedger) -> None:
    """More than one page of a query: what a page left out would be counted again."""
    slot = a_slot("call-1")
    heavy = UsageSlot(slot.fingerprints, bytes(300_000), slot.deliveries, slot.arrived_at)
    for number in range(1, 9):
        ledger.put(BASE, number, heavy)

    assert [found.number for found in ledger.tail(BASE, after=0)] == list(range(1, 9))


def test_only_usage_slots_of_base_logs_expire_each_after_its_slice() -> None:
    """Seals go on refusing what comes late, and late slots are the only place of their sums."""
    with mock_aws():
        ledger = DynamoMeteringLedger(aws.dynamodb(), create_table("ledger"), TENANT)
        next_day = Log(Bucket(1, 0, DAY + timedelta(days=1)))
        for log in (BASE, next_day, LATE):
            assert ledger.put(log, 1, a_slot("call-1"))
        assert ledger.put(BASE, 2, Seal())

        items = aws.dynamodb().scan(TableName="ledger")["Items"]

    expiring = [datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC) for item in items if "expires_at" in item]
    assert sorted(expiring) == [expires_at(DAY), expires_at(DAY) + timedelta(days=1)]
    assert all("sealed" not in item for item in items if "expires_at" in item)
