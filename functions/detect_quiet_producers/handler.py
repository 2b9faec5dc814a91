"""Scheduler in, exceptions about quiet sources out."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.detect_quiet_producers.use_case import QuietProducerDetector
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.signs_of_life import DynamoSignsOfLife
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.adapters.dynamodb.watched_producers import DynamoWatchedProducers
from shared.adapters.kinesis.stream_tails import KinesisStreamTails
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.metrics import LoggedMetrics

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
table = environment.text("METERING_LEDGER_TABLE")
detector = QuietProducerDetector(
    tenant=tenant,
    usage_events=environment.text("USAGE_EVENTS_STREAM"),
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    signs=DynamoSignsOfLife(aws.dynamodb(), table, tenant),
    watched=DynamoWatchedProducers(aws.dynamodb(), table, tenant),
    progress=DynamoStageProgress(aws.dynamodb(), table, tenant),
    tails=KinesisStreamTails(aws.kinesis()),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    metrics=LoggedMetrics(),
    # Not the scheduled time: what ingest has read is known as of the moment of looking, and a retry looks later.
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int | None]:
    return asdict(detector.detect())
