"""Handlers of the metering ledger on real clients: a sample event in, slots, seals and exceptions out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from shared.adapters.dynamodb.customer_usage import DynamoCustomerUsage
from shared.adapters.dynamodb.ledger_audit import DynamoLedgerAudit
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.contracts.exceptions import read_message
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId, TenantId
from shared.domain.metering.aggregate import quantity_of
from shared.domain.metering.layout import BucketLayout
from shared.domain.time_period import Period
from shared.runtime import aws, clock
from tests.builders.aws_resources import create_queue, create_stream, create_table, messages_of
from tests.builders.lambda_functions import cold_start, sample_event
from tests.builders.metered_usage import windows_counted

TENANT = TenantId("acme-saas")
LAYOUT = '[{"version": 1, "valid_from": "1970-01-01T00:00:00.000000Z", "groups": 4, "slice_minutes": 1440}]'
DAY = datetime(2026, 1, 15, tzinfo=UTC)
THE_DAY = Period(DAY, DAY + timedelta(days=1))


@dataclass(frozen=True)
class Cloud:
    ledger: str
    exceptions_url: str
    settings: dict[str, str | int]

    @property
    def usage(self) -> DynamoCustomerUsage:
        return DynamoCustomerUsage(aws.dynamodb(), self.ledger, TENANT, BucketLayout.parse(LAYOUT))

    @property
    def audit(self) -> DynamoLedgerAudit:
        return DynamoLedgerAudit(aws.dynamodb(), self.ledger, TENANT, BucketLayout.parse(LAYOUT))

    def told(self) -> list[ExceptionCode]:
        return [record.code for body in messages_of(self.exceptions_url) for record in read_message(body)[0]]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        ledger, exceptions_url = create_table("metering-ledger"), create_queue("exceptions")
        settings: dict[str, str | int] = {
            "TENANT": TENANT,
            "METERING_LEDGER_TABLE": ledger,
            "EXCEPTIONS_QUEUE_URL": exceptions_url,
            "BUCKET_LAYOUT": LAYOUT,
            "SEAL_GRACE_HOURS": 24,
            "USAGE_EVENTS_STREAM": create_stream("usage-events"),
            "ACCEPTED_USAGE_STREAM": create_stream("accepted-usage"),
            "BILLABLE_USAGE_STREAM": create_stream("billable-usage"),
            "INVOICES_TABLE": create_table("invoices"),
            "POSTINGS_TABLE": create_table("postings"),
            "MASTER_DATA_TABLE": create_table("master-data"),
        }
        yield Cloud(ledger, exceptions_url, settings)


def test_aggregate_counts_a_batch_once(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    event = sample_event("aggregate_usage")

    for _ in range(2):
        aggregate = cold_start("aggregate_usage", monkeypatch, **cloud.settings)
        assert aggregate(event) == {"batchItemFailures": []}

    assert sum(quantity_of(usage.state) for usage in windows_counted(cloud.audit, THE_DAY)) == 42
    [checkpoint] = DynamoStageProgress(aws.dynamodb(), cloud.ledger, TENANT).checkpoints("aggregate").values()
    assert checkpoint.sequence_number == event["Records"][-1]["kinesis"]["sequenceNumber"]
    assert cloud.told() == []


def test_aggregate_hands_the_batch_back_when_the_ledger_is_away(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    event = sample_event("aggregate_usage")
    aggregate = cold_start("aggregate_usage", monkeypatch, **cloud.settings)
    aws.dynamodb().delete_table(TableName=cloud.ledger)

    with pytest.raises(ClientError, match="ResourceNotFound"):
        aggregate(event)


def test_close_seals_what_is_over_and_rating_reads_it(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "read_seconds", (DAY + timedelta(days=2, hours=2)).timestamp)
    cold_start("aggregate_usage", monkeypatch, **cloud.settings)(sample_event("aggregate_usage"))

    close = cold_start("close_usage_windows", monkeypatch, **cloud.settings)

    assert close(sample_event("close_usage_windows")) == {"slices": 1}
    assert close(sample_event("close_usage_windows")) == {"slices": 0}
    assert cloud.usage.sealed_through() == DAY + timedelta(days=1)
    reading = cloud.usage.read(CustomerId("acme"), ("acme",), THE_DAY)
    assert sum(quantity_of(usage.state) for usage in reading.windows) == 42


def test_close_waits_while_a_stage_has_not_read_its_stream(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "read_seconds", (DAY + timedelta(days=2, hours=8)).timestamp)
    cold_start("aggregate_usage", monkeypatch, **cloud.settings)(sample_event("aggregate_usage"))
    aws.kinesis().put_record(StreamName="accepted-usage", Data=b"[]", PartitionKey="0")

    close = cold_start("close_usage_windows", monkeypatch, **cloud.settings)

    assert close(sample_event("close_usage_windows")) == {"slices": 0}
    assert cloud.told() == [ExceptionCode.USAGE_INCOMPLETE]


def test_detect_finds_nothing_where_nothing_was_billed(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "read_seconds", (DAY + timedelta(days=2, hours=2)).timestamp)
    cold_start("close_usage_windows", monkeypatch, **cloud.settings)(sample_event("close_usage_windows"))
    cold_start("aggregate_usage", monkeypatch, **cloud.settings)(sample_event("aggregate_usage"))

    detect = cold_start("detect_late_usage", monkeypatch, **cloud.settings)

    assert detect(sample_event("detect_late_usage")) == {"exceptions": 0}
    assert sum(usage.events for usage in windows_counted(cloud.audit, THE_DAY)) == 2
