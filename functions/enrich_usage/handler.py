"""Kinesis accepted-usage in, billable-usage and parked usage out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.enrich_usage.use_case import UsageEnricher
from shared.adapters.catalog_versions import RememberedCatalogVersions
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.parked_usage import DynamoParkedUsage
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.adapters.kinesis.usage_publisher import UsagePublisher
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.sqs.parked_usage_releases import QueuedParkedUsageReleases
from shared.contracts.usage_stream import read_accepted_rows
from shared.domain.identifiers import TenantId
from shared.domain.master_data.freshness import Freshness
from shared.runtime import aws
from shared.runtime.batch_response import BatchResponse
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.metrics import LoggedMetrics
from shared.runtime.stream_batches import process_stream_batch

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
clock, master_data = PlatformClock(), DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
freshness = Freshness.of(
    unasked_seconds=environment.number("MASTER_DATA_UNASKED_SECONDS"),
    at_most_seconds=environment.number("MASTER_DATA_MAX_AGE_SECONDS"),
)
enricher = UsageEnricher(
    tenant=tenant,
    read=read_accepted_rows,
    versions=RememberedCatalogVersions(master_data, clock, freshness),
    master_data=master_data,
    billable_usage=UsagePublisher(aws.kinesis(), environment.text("BILLABLE_USAGE_STREAM")),
    parked=DynamoParkedUsage(aws.dynamodb(), environment.text("PARKED_USAGE_TABLE"), tenant),
    releases=QueuedParkedUsageReleases(aws.sqs(), environment.text("PARKED_USAGE_RELEASES_QUEUE_URL"), tenant),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    progress=DynamoStageProgress(aws.dynamodb(), environment.text("METERING_LEDGER_TABLE"), tenant),
    metrics=LoggedMetrics(),
    clock=clock,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_stream_batch(event, enricher.enrich)
