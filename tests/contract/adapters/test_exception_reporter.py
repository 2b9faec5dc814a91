"""Reporting exceptions over the queue: what is read from it is what was reported."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from moto import mock_aws

from shared.adapters.sqs.exception_reporter import MAX_MESSAGE_BYTES, QueuedExceptionReporter
from shared.contracts.exceptions import read_message
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.resolution import Resolution
from shared.runtime import aws
from tests.builders.aws_resources import create_queue, messages_of

TENANT = TenantId("acme-saas")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def queue_url() -> Iterator[str]:
    with mock_aws():
        yield create_queue("exceptions")


def refused(number: int, *, reason: str = "data.meter is missing or not text") -> ExceptionRecord:
    subject = f"shardId-000000000000:{number}:0"
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.CONTRACT_VIOLATION, subject),
        tenant=TENANT,
        code=ExceptionCode.CONTRACT_VIOLATION,
        subject=subject,
        message=reason,
        raised_at=NOON,
        detail={"source": "urn:müller:gateway", "event_id": "call-1"},
    )


def test_what_is_reported_is_read_from_the_queue(queue_url: str) -> None:
    QueuedExceptionReporter(aws.sqs(), queue_url, TENANT).report([refused(1), refused(2)])

    (body,) = messages_of(queue_url)
    assert read_message(body) == ([refused(1), refused(2)], [])


def test_a_resolution_is_read_from_the_queue(queue_url: str) -> None:
    closed = ExceptionId("UNKNOWN_CUSTOMER:globex")

    QueuedExceptionReporter(aws.sqs(), queue_url, TENANT).resolve(closed, "in the catalogue", NOON)

    (body,) = messages_of(queue_url)
    assert read_message(body) == (
        [],
        [Resolution(exception_id=closed, tenant=TENANT, resolution="in the catalogue", resolved_at=NOON)],
    )


def test_many_exceptions_make_few_messages_of_bounded_size(queue_url: str) -> None:
    records = [refused(number, reason="long " * 1_000) for number in range(900)]

    QueuedExceptionReporter(aws.sqs(), queue_url, TENANT).report(records)

    bodies = messages_of(queue_url)
    assert max(len(body) for body in bodies) <= MAX_MESSAGE_BYTES + 2_000
    assert {record.subject for body in bodies for record in read_message(body)[0]} == {
        record.subject for record in records
    }


def test_nothing_to_report_is_no_message(queue_url: str) -> None:
    QueuedExceptionReporter(aws.sqs(), queue_url, TENANT).report([])

    assert messages_of(queue_url) == []


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"raise": 7}', '{"open": []}', '{"resolve": [{"exception_id": "x"}]}']
)
def test_any_other_message_is_refused(body: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic names the fault
        read_message(body)
