"""Publishing usage: packed by group, read back as it was, and never half done without saying so."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from moto import mock_aws

from shared.adapters.kinesis.put_records import MAX_ATTEMPTS
from shared.adapters.kinesis.usage_publisher import MAX_PACKED_BYTES, NotOnTheStreamError, UsagePublisher
from shared.contracts.metered_rows import read_metered_rows
from shared.contracts.usage_stream import read_accepted_rows
from shared.domain.entitlement.decision import Decision
from shared.domain.identifiers import ContractId, CustomerId, LegalEntityId, MeterCode, ProductId, SubscriptionId
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.billable import BillableUsage
from shared.domain.usage.event import Delivery
from shared.domain.usage.fingerprint import fingerprint
from shared.domain.usage.measurement import Measurement
from shared.runtime import aws
from tests.builders.aws_resources import create_stream, records_of
from tests.fakes.usage import ARRIVED_AT, SHARD, an_event

TRAFFIC = Meter(
    code=MeterCode("traffic"), name="Traffic", unit="GB", aggregation=Aggregation.SUM, dimensions=("region",)
)


def accepted(number: int, *, group: int = 0, subject: str = "acme") -> AcceptedUsage:
    event = an_event(event_id=f"call-{number}", subject=subject, quantity="0.10", dimensions=(("region", "eu"),))
    return AcceptedUsage(
        delivery=Delivery(SHARD, str(number), 0),
        received_at=ARRIVED_AT,
        event=event,
        fingerprint=fingerprint(event),
        group=group,
    )


def billable(number: int) -> BillableUsage:
    return BillableUsage(
        accepted=accepted(number),
        measurement=Measurement(
            meter=TRAFFIC, quantity=Decimal("0.0001"), dimensions=(("region", "eu"),), fingerprint=f"{number:032x}"
        ),
        customer_id=CustomerId("acme"),
        contract_id=ContractId("acme-2026"),
        subscription_id=SubscriptionId("acme-api"),
        product_id=ProductId("api"),
        legal_entity_id=LegalEntityId("de"),
        used_by=CustomerId("acme-labs"),
        region="eu-west",
        entitlement=Decision.ENTITLED,
    )


class StubbornKinesis:
    """Refuses chosen records a number of times, as a busy shard does, then takes them."""

    def __init__(self, *, refusals: int) -> None:
        self._refusals = refusals
        self.taken: list[bytes] = []

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        results: list[dict[str, str]] = []
        for place, record in enumerate(Records):
            if place == 0 and self._refusals:
                self._refusals -= 1
                results.append({"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"})
            else:
                self.taken.append(record["Data"])
                results.append({"SequenceNumber": str(len(self.taken)), "ShardId": SHARD})
        return {"Records": results}


class OneShard:
    """Takes a megabyte a second, as one shard does, and refuses what is over; a second is what was paused."""

    def __init__(self) -> None:
        self._room = 1_000_000.0
        self.taken: list[bytes] = []

    def pause(self, seconds: float) -> None:
        self._room = min(self._room + 1_000_000 * seconds, 1_000_000)

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        return {"Records": [self._put(record["Data"]) for record in Records]}

    def _put(self, data: bytes) -> dict[str, str]:
        if len(data) > self._room:
            return {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"}
        self._room -= len(data)
        self.taken.append(data)
        return {"SequenceNumber": str(len(self.taken)), "ShardId": SHARD}


@pytest.fixture
def stream() -> Iterator[str]:
    with mock_aws():
        yield create_stream("usage")


def test_accepted_usage_reads_back_as_it_was(stream: str) -> None:
    usage = [accepted(1), replace(accepted(2), event=an_event(subject="Müller & Söhne", unique_key="user-17"))]

    UsagePublisher(aws.kinesis(), stream).publish_accepted(usage)

    (record,) = records_of(stream)
    assert read_accepted_rows(record) == usage


def test_billable_usage_is_accepted_usage_with_its_account(stream: str) -> None:
    publisher = UsagePublisher(aws.kinesis(), stream)
    publisher.publish_accepted([accepted(1)])
    publisher.publish_billable([billable(1)])

    (before,), (after,) = (json.loads(record) for record in records_of(stream))
    assert after == before | {
        "meter": "traffic",
        "quantity": "0.0001",
        "fingerprint": f"{1:032x}",
        "customer": "acme",
        "contract_id": "acme-2026",
        "subscription": "acme-api",
        "product": "api",
        "legal_entity": "de",
        "used_by": "acme-labs",
        "region": "eu-west",
        "entitlement": "entitled",
        "aggregation": "sum",
    }


def test_the_aggregator_reads_what_is_published(stream: str) -> None:
    UsagePublisher(aws.kinesis(), stream).publish_billable([billable(1), billable(2)])

    rows = read_metered_rows(records_of(stream)[0])
    assert [(row["customer"], row["id"], row["quantity"]) for row in rows] == [
        ("acme", "call-1", "0.0001"),
        ("acme", "call-2", "0.0001"),
    ]


def test_the_wire_is_what_was_agreed(stream: str) -> None:
    UsagePublisher(aws.kinesis(), stream).publish_accepted([accepted(1)])

    (row,) = json.loads(records_of(stream)[0])
    assert row == {
        "delivery": "shardId-000000000000:1:0",
        "received_at": "2026-01-15T10:07:32.000000Z",
        "source": "urn:acme:gateway",
        "id": "call-1",
        "subject": "acme",
        "occurred_at": "2026-01-15T10:07:31.250000Z",
        "meter": "api_calls",
        "quantity": "0.1",
        "unique_key": None,
        "dimensions": [["region", "eu"]],
        "contract": "usage:2",
        "fingerprint": fingerprint(accepted(1).event),
        "group": 0,
    }


def test_a_record_holds_one_group_and_has_it_as_partition_key(stream: str) -> None:
    UsagePublisher(aws.kinesis(), stream).publish_accepted([accepted(number, group=number % 3) for number in range(9)])

    groups = [{usage.group for usage in read_accepted_rows(record)} for record in records_of(stream)]
    assert sorted(groups, key=min) == [{0}, {1}, {2}]


@pytest.mark.usefixtures("stream")
def test_four_groups_fill_two_shards_evenly() -> None:
    aws.kinesis().create_stream(StreamName="two-shards", ShardCount=2)

    UsagePublisher(aws.kinesis(), "two-shards").publish_accepted(
        [accepted(number, group=number % 4) for number in range(8)]
    )

    assert [len(records_of("two-shards", shard=shard)) for shard in (0, 1)] == [2, 2]


def test_large_batches_are_cut_into_records_that_the_stream_takes(stream: str) -> None:
    UsagePublisher(aws.kinesis(), stream).publish_accepted([accepted(number) for number in range(2_000)])

    records = records_of(stream)
    assert max(len(record) for record in records) <= MAX_PACKED_BYTES + 2
    assert [usage.event.event_id for record in records for usage in read_accepted_rows(record)] == [
        f"call-{number}" for number in range(2_000)
    ]


def test_nothing_to_publish_is_no_call(stream: str) -> None:
    UsagePublisher(aws.kinesis(), stream).publish_accepted([])

    assert records_of(stream) == []


def test_only_refused_records_are_sent_again() -> None:
    kinesis, pauses = StubbornKinesis(refusals=2), list[float]()

    UsagePublisher(kinesis, "usage", pause=pauses.append).publish_accepted([accepted(1), accepted(2, group=1)])  # type: ignore[arg-type]

    sent = [usage.event.event_id for record in kinesis.taken for usage in read_accepted_rows(record)]
    assert sent == ["call-2", "call-1"]
    assert pauses == [0.1, 0.2]


def test_what_is_refused_to_the_end_is_said() -> None:
    kinesis, pauses = StubbornKinesis(refusals=100), list[float]()

    with pytest.raises(NotOnTheStreamError):
        UsagePublisher(kinesis, "usage", pause=pauses.append).publish_accepted([accepted(1)])  # type: ignore[arg-type]
    assert len(pauses) == MAX_ATTEMPTS - 1


def test_a_full_batch_passes_through_one_shard_at_the_speed_of_the_shard() -> None:
    shard = OneShard()
    usage = [accepted(number, subject="a" * 256) for number in range(8_000)]

    UsagePublisher(shard, "usage", pause=shard.pause).publish_accepted(usage)  # type: ignore[arg-type]

    assert sum(map(len, shard.taken)) > 4_000_000
    assert sum(len(read_accepted_rows(record)) for record in shard.taken) == len(usage)
