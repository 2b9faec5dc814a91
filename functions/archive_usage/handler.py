"""Kinesis usage-events in, objects in the raw archive out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.archive_usage.use_case import archive_usage
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.adapters.s3.usage_archive import S3UsageArchive
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.batch_response import BatchResponse
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.stream_batches import process_stream_batch

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
archive = S3UsageArchive(aws.s3(), environment.text("USAGE_ARCHIVE_BUCKET"), tenant)
progress = DynamoStageProgress(aws.dynamodb(), environment.text("METERING_LEDGER_TABLE"), tenant)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_stream_batch(event, lambda records: archive_usage(records, archive=archive, progress=progress))
