"""Handlers of capture and controls on real clients: a sample event in, effects in streams, queues and tables out."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.adapters.dynamodb.usage_corrections import DynamoUsageCorrections
from shared.adapters.s3.usage_archive import S3UsageArchive
from shared.contracts.exceptions import read_message
from shared.contracts.usage_stream import read_accepted_rows
from shared.domain.exception_record import ExceptionCode, ExceptionStatus
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.time_period import Period
from shared.runtime import aws
from tests.builders.aws_resources import (
    create_bucket,
    create_queue,
    create_stream,
    create_table,
    messages_of,
    records_of,
)
from tests.builders.lambda_functions import EVENTS, cold_start, sample_event

TENANT = TenantId("acme-saas")
LAYOUT = '[{"version": 1, "valid_from": "1970-01-01T00:00:00.000000Z", "groups": 4, "slice_minutes": 1440}]'
SAMPLE_ARRIVED_AT = datetime(2026, 1, 15, 10, 7, 32, 500_000, tzinfo=UTC)


@dataclass(frozen=True)
class Cloud:
    accepted_usage: str
    archive: str
    ledger: str
    parked: str
    master_data: str
    exceptions: str
    corrections: str
    exceptions_url: str

    def settings(self) -> dict[str, str | int]:
        return {
            "TENANT": TENANT,
            "ACCEPTED_USAGE_STREAM": self.accepted_usage,
            "USAGE_ARCHIVE_BUCKET": self.archive,
            "METERING_LEDGER_TABLE": self.ledger,
            "PARKED_USAGE_TABLE": self.parked,
            "MASTER_DATA_TABLE": self.master_data,
            "EXCEPTIONS_TABLE": self.exceptions,
            "USAGE_CORRECTIONS_TABLE": self.corrections,
            "EXCEPTIONS_QUEUE_URL": self.exceptions_url,
            "BUCKET_LAYOUT": LAYOUT,
            "ACCEPTANCE_HORIZON_DAYS": 35,
            "FUTURE_TOLERANCE_SECONDS": 300,
            "SEAL_GRACE_HOURS": 24,
            "RECOUNT_MEMORY_MB": 200,
        }

    def checkpoint(self, stage: str) -> str:
        (checkpoint,) = DynamoStageProgress(aws.dynamodb(), self.ledger, TENANT).checkpoints(stage).values()
        return checkpoint.sequence_number


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud(
            accepted_usage=create_stream("accepted-usage"),
            archive=create_bucket("usage-archive"),
            ledger=create_table("metering-ledger"),
            parked=create_table("parked-usage"),
            master_data=create_table("master-data"),
            exceptions=create_table("exceptions"),
            corrections=create_table("corrections"),
            exceptions_url=create_queue("exceptions"),
        )


def last_sequence_number(event: dict[str, Any]) -> str:
    return str(event["Records"][-1]["kinesis"]["sequenceNumber"])


def test_ingest_passes_on_the_good_and_reports_the_bad(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest, event = cold_start("ingest_usage", monkeypatch, **cloud.settings()), sample_event("ingest_usage")

    assert ingest(event) == {"batchItemFailures": []}

    ((accepted,),) = (read_accepted_rows(record) for record in records_of(cloud.accepted_usage))
    assert accepted.received_at == SAMPLE_ARRIVED_AT
    assert accepted.group == BucketLayout.parse(LAYOUT).home("acme", accepted.event.occurred_at).group
    ((quarantined,), _) = read_message(messages_of(cloud.exceptions_url)[0])
    assert quarantined.code is ExceptionCode.MALFORMED_JSON
    assert quarantined.subject == f"shardId-000000000000:{last_sequence_number(event)}:0"
    assert cloud.checkpoint("ingest") == last_sequence_number(event)


def test_ingest_asks_for_its_batch_again_when_the_stream_is_gone(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest, event = cold_start("ingest_usage", monkeypatch, **cloud.settings()), sample_event("ingest_usage")
    aws.kinesis().delete_stream(StreamName=cloud.accepted_usage)

    with pytest.raises(ClientError, match="ResourceNotFound"):
        ingest(event)

    assert messages_of(cloud.exceptions_url) == []


def test_a_void_is_filed_and_waits_for_its_original(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest = cold_start("ingest_usage", monkeypatch, **cloud.settings())
    event, now = sample_event("ingest_usage"), datetime.now(UTC)  # what the handlers' own clock says
    void = json.loads((EVENTS / "usage-voided.json").read_text()) | {"time": now.isoformat()}
    event["Records"] = event["Records"][:1]
    event["Records"][0]["kinesis"] |= {
        "data": b64encode(json.dumps(void).encode()).decode(),
        "approximateArrivalTimestamp": now.timestamp(),
    }
    assert ingest(event) == {"batchItemFailures": []}

    apply = cold_start("apply_usage_corrections", monkeypatch, **cloud.settings())

    assert apply(sample_event("apply_usage_corrections")) == {"voided": 0, "buckets": 1}
    corrections = DynamoUsageCorrections(aws.dynamodb(), cloud.corrections, TENANT)
    (standing,) = corrections.standing(BucketLayout.parse(LAYOUT).home("acme", now))
    assert standing.original.event_id == "0f6c2a3e-0001"


def test_the_archive_keeps_the_sample_bytes(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, event = cold_start("archive_usage", monkeypatch, **cloud.settings()), sample_event("archive_usage")

    assert archive(event) == {"batchItemFailures": []}
    assert archive(event) == {"batchItemFailures": []}

    hour = timedelta(hours=1)
    arrived = Period(SAMPLE_ARRIVED_AT - hour, SAMPLE_ARRIVED_AT + hour)
    kept = list(S3UsageArchive(aws.s3(), cloud.archive, TENANT).read(arrived))
    assert [record.data for record in kept][1] == b'{"specversion": "1.0", "id": "cut o'
    assert len(kept) == 2
    (entry,) = aws.s3().list_objects_v2(Bucket=cloud.archive)["Contents"]
    assert entry["Key"].startswith("usage/acme-saas/2026/01/15/shardId-000000000000/")
    assert cloud.checkpoint("archive") == last_sequence_number(event)


def test_exceptions_are_opened_and_closed(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    open_exception = cold_start("open_exception", monkeypatch, **cloud.settings())

    assert open_exception(sample_event("open_exception")) == {"batchItemFailures": []}

    store = DynamoExceptionStore(aws.dynamodb(), cloud.exceptions, TENANT)
    (opened,) = store.records(ExceptionCode.UNKNOWN_CUSTOMER)
    (closed,) = store.records(ExceptionCode.UNKNOWN_METER)
    assert (opened.status, closed.status) == (ExceptionStatus.OPEN, ExceptionStatus.RESOLVED)


def test_a_message_that_is_not_ours_stays_in_the_queue(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    open_exception, event = (
        cold_start("open_exception", monkeypatch, **cloud.settings()),
        sample_event("open_exception"),
    )
    (message,) = event["Records"]
    poison = message | {"messageId": "poison", "body": "{}x"}

    answer = open_exception({"Records": [poison, message]})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "poison"}]}


def test_dead_letters_are_reported_and_stay(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = create_queue("erp-postings-dead-letters")
    aws.sqs().send_message(QueueUrl=dead, MessageBody='{"tenant": "acme-saas", "posting_id": "acme-2026/2026-01/r001"}')
    settings = cloud.settings() | {"DEAD_LETTER_QUEUE_URLS": json.dumps({"erp-postings": dead})}
    record_dead_letters = cold_start("record_dead_letters", monkeypatch, **settings)

    assert record_dead_letters(sample_event("record_dead_letters")) == {"dead_letters": 1}

    ((opened,), _) = read_message(messages_of(cloud.exceptions_url)[0])
    assert opened.subject == "erp-postings/acme-2026/2026-01/r001"
    attributes = aws.sqs().get_queue_attributes(QueueUrl=dead, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_an_empty_archive_ties_with_an_empty_ledger(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    verify = cold_start("verify_usage_archive", monkeypatch, **cloud.settings())

    assert set(verify(sample_event("verify_usage_archive")).values()) == {0}


@pytest.mark.parametrize("is_compacted", [False, True])
def test_archived_usage_that_never_reached_the_ledger_is_reported(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, *, is_compacted: bool
) -> None:
    cold_start("archive_usage", monkeypatch, **cloud.settings())(sample_event("archive_usage"))
    if is_compacted:
        compact = cold_start("compact_usage_archive", monkeypatch, **cloud.settings())
        assert compact(sample_event("compact_usage_archive"))["files"] == 1
    verify = cold_start("verify_usage_archive", monkeypatch, **cloud.settings())

    assert verify(sample_event("verify_usage_archive"))["holds"] == 0

    ((opened,), _) = read_message(messages_of(cloud.exceptions_url)[0])
    assert opened.exception_id == "ARCHIVE_DOES_NOT_TIE:subject acme"
