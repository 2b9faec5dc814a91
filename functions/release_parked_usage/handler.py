"""SQS parked-usage-releases in, parked usage back on accepted-usage."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.release_parked_usage.use_case import ParkedUsageReleaser
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.parked_usage import DynamoParkedUsage
from shared.adapters.kinesis.usage_publisher import UsagePublisher
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.sqs.parked_usage_releases import QueuedParkedUsageReleases
from shared.contracts.master_data import ParkedUsageReleaseRequested
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.batch_response import BatchResponse
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.queue_batches import process_queue_batch

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
releaser = ParkedUsageReleaser(
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    parked=DynamoParkedUsage(aws.dynamodb(), environment.text("PARKED_USAGE_TABLE"), tenant),
    accepted_usage=UsagePublisher(aws.kinesis(), environment.text("ACCEPTED_USAGE_STREAM")),
    releases=QueuedParkedUsageReleases(aws.sqs(), environment.text("PARKED_USAGE_RELEASES_QUEUE_URL"), tenant),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=PlatformClock(),
)


def release(body: str) -> None:
    requested = ParkedUsageReleaseRequested.model_validate_json(body)
    released = releaser.release()
    logger.info("parked usage released", extra={"asked_for": requested.version, "deliveries": released})


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_queue_batch(event, release)
