"""An operator's decision in, usage in the archive and on accepted-usage out. See docs/guides/replay-and-backfill.md."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.close_backfill.use_case import BackfillCloser
from shared.adapters.dynamodb.backfills import DynamoBackfills
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.parked_usage import DynamoParkedUsage
from shared.adapters.dynamodb.usage_contracts import DynamoUsageContracts
from shared.adapters.dynamodb.usage_corrections import DynamoUsageCorrections
from shared.adapters.kinesis.usage_publisher import UsagePublisher
from shared.adapters.s3.backfill_parts import S3BackfillParts
from shared.adapters.s3.usage_archive import S3UsageArchive
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.usage_standing import LedgerStanding
from shared.contracts.backfill import BackfillClosing, backfill_answer
from shared.contracts.usage_event.published_reader import PublishedContractReader
from shared.domain.archive.delivery import judge_with
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.usage.admission import AcceptanceHorizon
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant, clock, dynamodb = TenantId(environment.text("TENANT")), PlatformClock(), aws.dynamodb()
layout = BucketLayout.parse(environment.text("BUCKET_LAYOUT"))
master_data_table = environment.text("MASTER_DATA_TABLE")
horizon = AcceptanceHorizon.of(
    days=environment.number("ACCEPTANCE_HORIZON_DAYS"),
    future_seconds=environment.number("FUTURE_TOLERANCE_SECONDS"),
)
closer = BackfillCloser(
    tenant=tenant,
    judge=judge_with(
        PublishedContractReader(DynamoUsageContracts(dynamodb, master_data_table, tenant), clock), horizon
    ),
    home=layout.home,
    corrections=DynamoUsageCorrections(dynamodb, environment.text("USAGE_CORRECTIONS_TABLE"), tenant),
    backfills=DynamoBackfills(dynamodb, environment.text("USAGE_REPAIRS_TABLE"), tenant),
    parts=S3BackfillParts(aws.s3(), environment.text("BACKFILLS_BUCKET"), tenant),
    archive=S3UsageArchive(aws.s3(), environment.text("USAGE_ARCHIVE_BUCKET"), tenant),
    standing=LedgerStanding(
        DynamoMeteringLedger(dynamodb, environment.text("METERING_LEDGER_TABLE"), tenant),
        layout,
        DynamoMasterData(dynamodb, master_data_table, tenant),
        DynamoParkedUsage(dynamodb, environment.text("PARKED_USAGE_TABLE"), tenant),
    ),
    accepted_usage=UsagePublisher(aws.kinesis(), environment.text("ACCEPTED_USAGE_STREAM")),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=clock,
    tell=lambda backfill: logger.info("part of a backfill closed", extra=backfill_answer(backfill)),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    closing = BackfillClosing.model_validate(event)
    return backfill_answer(closer.close(closing.backfill_id, closing.closed_by))
