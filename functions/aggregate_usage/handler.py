"""Kinesis billable-usage in, the metering ledger and its conflicts out."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aggregate_usage.use_case import Ledger, aggregate_usage
from shared.adapters.dynamodb.closing_progress import DynamoClosingProgress
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.metered_rows import read_metered_rows
from shared.domain.identifiers import TenantId
from shared.domain.metering.homes import Homes
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.log_view import LogViews
from shared.runtime import aws
from shared.runtime.batch_response import BatchResponse
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.metrics import LoggedMetrics
from shared.runtime.stream_batches import process_stream_batch

MOST_IDS_REMEMBERED = 1_000_000  # about 260 bytes each; docs/guides/ledger-sizing.md

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
table = environment.text("METERING_LEDGER_TABLE")
aggregate = partial(
    aggregate_usage,
    read=read_metered_rows,
    ledger=Ledger(
        logs=DynamoMeteringLedger(aws.dynamodb(), table, tenant),
        slices=DynamoClosingProgress(aws.dynamodb(), table, tenant),
        views=LogViews(MOST_IDS_REMEMBERED),
        homes=Homes(BucketLayout.parse(environment.text("BUCKET_LAYOUT"))),
    ),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    progress=DynamoStageProgress(aws.dynamodb(), table, tenant),
    metrics=LoggedMetrics(),
    tenant=tenant,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_stream_batch(event, aggregate)
