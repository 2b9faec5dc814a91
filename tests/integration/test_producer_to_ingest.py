"""From a service's records over a stream into ingest: what the producer client sends is accepted, each event once."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from shared.runtime import aws
from tests.builders.aws_resources import create_queue, create_stream, create_table, messages_of, records_of
from tests.builders.lambda_functions import cold_start
from usage_producer import UsageEvent, UsageProducer

LAYOUT = '[{"version": 1, "valid_from": "1970-01-01T00:00:00.000000Z", "groups": 4, "slice_minutes": 1440}]'
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "producers.md"
ARRIVED_AT = datetime(2026, 3, 15, 10, 10, tzinfo=UTC)

Invoke = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def cloud() -> Iterator[None]:
    with mock_aws():
        yield


def calls(count: int) -> list[UsageEvent]:
    return [
        UsageEvent(
            source="urn:acme:gateway",
            record_key=f"request-{number}",
            subject=("acme", "globex", "stark", "initech")[number % 4],
            meter="api_calls",
            occurred_at=datetime(2026, 3, 15, 10, 7, number % 60, tzinfo=UTC),
            quantity=Decimal(number) / 8,
            dimensions={"region": "eu"},
        )
        for number in range(count)
    ]


def ingest_into(accepted: str, exceptions_url: str, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    return cold_start(
        "ingest_usage",
        monkeypatch,
        TENANT="acme-saas",
        ACCEPTED_USAGE_STREAM=accepted,
        METERING_LEDGER_TABLE=create_table("metering-ledger"),
        MASTER_DATA_TABLE=create_table("master-data"),
        USAGE_CORRECTIONS_TABLE=create_table("corrections"),
        EXCEPTIONS_QUEUE_URL=exceptions_url,
        BUCKET_LAYOUT=LAYOUT,
        ACCEPTANCE_HORIZON_DAYS=35,
        FUTURE_TOLERANCE_SECONDS=300,
    )


@pytest.mark.usefixtures("cloud")
def test_what_is_sent_to_kinesis_is_accepted_by_ingest(monkeypatch: pytest.MonkeyPatch) -> None:
    accepted, exceptions_url = create_stream("accepted-usage"), create_queue("exceptions")
    ingest = ingest_into(accepted, exceptions_url, monkeypatch)
    create_stream("usage-events")

    with UsageProducer(aws.kinesis(), "usage-events", linger_seconds=3600) as producer:
        receipts = [producer.send(event) for event in calls(1000)]
    records = records_of("usage-events")
    ingest({"Records": [as_kinesis_record(place, data) for place, data in enumerate(records)]})

    rows = [row for record in records_of(accepted) for row in json.loads(record)]
    assert len(records) < 25  # forty events and more share one
    assert {receipt.result(0).shard_id for receipt in receipts} == {"shardId-000000000000"}
    assert len(rows) == len({row["id"] for row in rows}) == 1000
    assert messages_of(exceptions_url) == []


def as_kinesis_record(place: int, data: bytes) -> dict[str, Any]:
    return {
        "eventID": f"shardId-000000000000:{place}",
        "kinesis": {
            "sequenceNumber": str(place),
            "data": b64encode(data).decode(),
            "approximateArrivalTimestamp": ARRIVED_AT.timestamp(),
        },
    }


@pytest.mark.usefixtures("cloud")
def test_what_is_sent_twice_is_the_same_events_to_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = create_stream("accepted-usage")
    ingest = ingest_into(accepted, create_queue("exceptions"), monkeypatch)
    create_stream("usage-events")

    for _life in range(2):
        with UsageProducer(aws.kinesis(), "usage-events", linger_seconds=3600) as producer:
            for event in calls(100):
                producer.send(event)
    ingest({"Records": [as_kinesis_record(place, data) for place, data in enumerate(records_of("usage-events"))]})

    rows = [row for record in records_of(accepted) for row in json.loads(record)]
    assert len(rows) == 200
    assert len({(row["source"], row["id"], row["fingerprint"]) for row in rows}) == 100


@pytest.mark.usefixtures("cloud")
def test_the_guides_examples_send_an_event_and_a_correction(capsys: pytest.CaptureFixture[str]) -> None:
    create_stream("usage-events")
    examples = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)

    exec("".join(examples), {})

    sent = [event for record in records_of("usage-events") for event in json.loads(record)]
    assert [(event["type"], event["subject"]) for event in sent] == [
        ("usage.recorded", "acme"),
        ("usage.amended", "acme"),
    ]
    assert capsys.readouterr().out.strip().isdigit()
