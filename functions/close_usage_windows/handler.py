"""Scheduler in, sealed slices out."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.close_usage_windows.use_case import Streams, WindowCloser
from shared.adapters.dynamodb.closing_progress import DynamoClosingProgress
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.adapters.dynamodb.usage_snapshots import DynamoUsageSnapshots
from shared.adapters.kinesis.stream_tails import KinesisStreamTails
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
table = environment.text("METERING_LEDGER_TABLE")
closing = DynamoClosingProgress(aws.dynamodb(), table, tenant)
closer = WindowCloser(
    tenant=tenant,
    layout=BucketLayout.parse(environment.text("BUCKET_LAYOUT")),
    grace=timedelta(hours=environment.number("SEAL_GRACE_HOURS")),
    streams=Streams(
        usage_events=environment.text("USAGE_EVENTS_STREAM"),
        accepted_usage=environment.text("ACCEPTED_USAGE_STREAM"),
        billable_usage=environment.text("BILLABLE_USAGE_STREAM"),
    ),
    logs=DynamoMeteringLedger(aws.dynamodb(), table, tenant),
    slices=closing,
    closing=closing,
    snapshots=DynamoUsageSnapshots(aws.dynamodb(), table, tenant),
    progress=DynamoStageProgress(aws.dynamodb(), table, tenant),
    tails=KinesisStreamTails(aws.kinesis()),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    # Not the scheduled time: what a stage has published is known as of the moment of looking, and a retry looks later.
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    closed = closer.close()
    logger.info("slices sealed", extra={"slices": closed.slices, "sealed_through": str(closed.sealed_through)})
    return {"slices": closed.slices}
