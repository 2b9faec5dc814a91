"""What is handed over comes out once for each time, in order: fakes that take notes, and the queues and streams."""

from datetime import timedelta

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.ledger_audit import DynamoLedgerAudit
from shared.adapters.kinesis.stream_tails import KinesisStreamTails
from shared.adapters.kinesis.usage_publisher import UsagePublisher
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.sqs.parked_usage_releases import QueuedParkedUsageReleases
from shared.contracts.exceptions import read_message
from shared.contracts.master_data import ParkedUsageReleaseRequested
from shared.contracts.usage_stream import read_accepted_rows
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CatalogVersion, ExceptionId
from shared.domain.metering.aggregate import merge_windows
from shared.domain.metering.watermark import Checkpoint
from shared.domain.time_period import Period
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.event import Delivery
from shared.domain.usage.fingerprint import fingerprint
from shared.ports.exceptions import ExceptionReporter
from shared.ports.ledger_audit import LedgerAudit
from shared.ports.parked_usage_releases import ParkedUsageReleases
from shared.ports.stream_tails import StreamTails
from shared.ports.usage_stream import AcceptedUsageStream
from shared.runtime import aws
from tests.builders.aws_resources import create_queue, create_stream, create_table, messages_of, records_of
from tests.builders.metered_usage import LAYOUT, NOON, TENANT, MeteringWorld, a_row, ids_counted, windows_counted
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_ledger_audit import InMemoryLedgerAudit
from tests.fakes.in_memory_metering_ledger import InMemoryStreamTails
from tests.fakes.in_memory_parked_usage_releases import InMemoryParkedUsageReleases
from tests.fakes.in_memory_usage_streams import InMemoryUsageStreams
from tests.fakes.usage import ARRIVED_AT, SHARD, an_event

BOTH = pytest.mark.parametrize("on_aws", [False, True], ids=["in memory", "on AWS"])
CLOSED = ExceptionId("UNKNOWN_CUSTOMER:globex")
SUMMER = CatalogVersion("2026-07")


def refused(number: int) -> ExceptionRecord:
    subject = f"shardId-000000000000:{number}:0"
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.CONTRACT_VIOLATION, subject),
        tenant=TENANT,
        code=ExceptionCode.CONTRACT_VIOLATION,
        subject=subject,
        message="data.meter is missing or not text",
        raised_at=NOON,
    )


def accepted(number: int) -> AcceptedUsage:
    event = an_event(event_id=f"call-{number}")
    return AcceptedUsage(
        delivery=Delivery(SHARD, str(number), 0),
        received_at=ARRIVED_AT,
        event=event,
        fingerprint=fingerprint(event),
        group=0,
    )


@BOTH
def test_exceptions_come_out_as_often_as_they_are_reported(on_aws: bool) -> None:
    with mock_aws():
        queue = create_queue("exceptions")
        fake = InMemoryExceptionReporter()
        reporter: ExceptionReporter = QueuedExceptionReporter(aws.sqs(), queue, TENANT) if on_aws else fake

        reporter.report([refused(1), refused(2)])
        reporter.report([])
        reporter.report([refused(1)])
        reporter.resolve(CLOSED, "in the catalogue", NOON)

        read = [read_message(body) for body in messages_of(queue)]
        reported = [record for records, _ in read for record in records] if on_aws else fake.reported
        resolved = {each.exception_id: each.resolution for _, closed in read for each in closed}
        assert sorted(record.subject[-3] for record in reported) == ["1", "1", "2"]
        assert (resolved if on_aws else fake.resolved) == {CLOSED: "in the catalogue"}


@BOTH
def test_every_request_to_release_comes_out(on_aws: bool) -> None:
    with mock_aws():
        queue = create_queue("releases")
        fake = InMemoryParkedUsageReleases()
        releases: ParkedUsageReleases = QueuedParkedUsageReleases(aws.sqs(), queue, TENANT) if on_aws else fake

        releases.request(SUMMER)
        releases.request(SUMMER)

        sent = [ParkedUsageReleaseRequested.model_validate_json(body).version for body in messages_of(queue)]
        assert (sent if on_aws else fake.requested) == [SUMMER, SUMMER]


@BOTH
def test_usage_comes_out_of_the_stream_in_the_order_it_was_published(on_aws: bool) -> None:
    with mock_aws():
        stream = create_stream("accepted")
        fake = InMemoryUsageStreams()
        usage: AcceptedUsageStream = UsagePublisher(aws.kinesis(), stream) if on_aws else fake

        usage.publish_accepted([accepted(1), accepted(2)])
        usage.publish_accepted([])
        usage.publish_accepted([accepted(2)])

        read = [each for record in records_of(stream) for each in read_accepted_rows(record)]
        assert (read if on_aws else fake.accepted) == [accepted(1), accepted(2), accepted(2)]


@BOTH
@pytest.mark.parametrize(("records", "reached", "drained"), [(0, 0, True), (2, 0, False), (2, 1, False), (2, 2, True)])
def test_a_shard_is_drained_when_its_last_record_is_read(
    on_aws: bool, records: int, reached: int, drained: bool
) -> None:
    with mock_aws():
        stream = create_stream("usage")
        put = [
            aws.kinesis().put_record(StreamName=stream, Data=b"[]", PartitionKey="acme")["SequenceNumber"]
            for _ in range(records)
        ]
        fake = InMemoryStreamTails()
        fake.newest[stream] = records
        tails: StreamTails = KinesisStreamTails(aws.kinesis()) if on_aws else fake
        number = (put[reached - 1] if on_aws else str(reached)) if reached else None
        checkpoints = {SHARD: Checkpoint(number, ARRIVED_AT)} if number else {}

        (position,) = tails.positions(stream, checkpoints)

        assert (position.drained, position.checkpoint) == (drained, checkpoints.get(SHARD))


@BOTH
def test_an_auditor_finds_the_windows_and_the_ids_that_were_counted(on_aws: bool) -> None:
    events = [an_event(event_id=f"call-{number}", occurred_at=NOON) for number in range(3)]
    with mock_aws():
        table = create_table("ledger")
        world = MeteringWorld.on_dynamodb(table)
        world.count(*(a_row(event.event_id) for event in events))
        fake = InMemoryLedgerAudit()
        fake.count(*events)
        audit: LedgerAudit = DynamoLedgerAudit(aws.dynamodb(), table, TENANT, LAYOUT) if on_aws else fake
        period = Period(NOON - timedelta(days=1), NOON + timedelta(days=1))

        (window,) = merge_windows(windows_counted(audit, period))

        assert (window.events, window.key.customer_id) == (3, "acme")
        assert len(ids_counted(audit, period)) == 3
        assert windows_counted(audit, Period(NOON + timedelta(days=1), NOON + timedelta(days=2))) == []
