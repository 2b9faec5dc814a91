"""Kinesis usage-events in, accepted-usage and quarantine out."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ingest_usage.use_case import ingest_usage
from shared.adapters.dynamodb.signs_of_life import DynamoSignsOfLife
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.adapters.dynamodb.usage_contracts import DynamoUsageContracts
from shared.adapters.dynamodb.usage_corrections import DynamoUsageCorrections
from shared.adapters.kinesis.usage_publisher import UsagePublisher
from shared.adapters.seldom_signs import SeldomSigns
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.usage_event.published_reader import PublishedContractReader
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.usage.admission import AcceptanceHorizon
from shared.runtime import aws
from shared.runtime.batch_response import BatchResponse
from shared.runtime.clock import PlatformClock
from shared.runtime.contract_metrics import LoggedContractCounts
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.stream_batches import process_stream_batch

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
ledger_table = environment.text("METERING_LEDGER_TABLE")
layout = BucketLayout.parse(environment.text("BUCKET_LAYOUT"))
reader = PublishedContractReader(
    DynamoUsageContracts(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant), PlatformClock()
)
ingest = partial(
    ingest_usage,
    tenant=tenant,
    read=reader,
    horizon=AcceptanceHorizon.of(
        days=environment.number("ACCEPTANCE_HORIZON_DAYS"),
        future_seconds=environment.number("FUTURE_TOLERANCE_SECONDS"),
    ),
    home=layout.home,
    corrections=DynamoUsageCorrections(aws.dynamodb(), environment.text("USAGE_CORRECTIONS_TABLE"), tenant),
    accepted_usage=UsagePublisher(aws.kinesis(), environment.text("ACCEPTED_USAGE_STREAM")),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    signs=SeldomSigns(DynamoSignsOfLife(aws.dynamodb(), ledger_table, tenant)),
    progress=DynamoStageProgress(aws.dynamodb(), ledger_table, tenant),
    counts=LoggedContractCounts(is_deprecated=reader.is_deprecated),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_stream_batch(event, ingest)
