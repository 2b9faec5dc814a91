"""Scheduler in, voids in the metering ledger and their exceptions out."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.apply_usage_corrections.use_case import CorrectionApplier
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.usage_contracts import DynamoUsageContracts
from shared.adapters.dynamodb.usage_corrections import DynamoUsageCorrections
from shared.adapters.s3.usage_archive import S3UsageArchive
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
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
tenant = TenantId(environment.text("TENANT"))
horizon = AcceptanceHorizon.of(
    days=environment.number("ACCEPTANCE_HORIZON_DAYS"),
    future_seconds=environment.number("FUTURE_TOLERANCE_SECONDS"),
)
master_data_table = environment.text("MASTER_DATA_TABLE")
contracts = PublishedContractReader(DynamoUsageContracts(aws.dynamodb(), master_data_table, tenant), PlatformClock())
applier = CorrectionApplier(
    tenant=tenant,
    layout=BucketLayout.parse(environment.text("BUCKET_LAYOUT")),
    horizon=horizon,
    logs=DynamoMeteringLedger(aws.dynamodb(), environment.text("METERING_LEDGER_TABLE"), tenant),
    corrections=DynamoUsageCorrections(aws.dynamodb(), environment.text("USAGE_CORRECTIONS_TABLE"), tenant),
    archive=S3UsageArchive(aws.s3(), environment.text("USAGE_ARCHIVE_BUCKET"), tenant),
    judge=judge_with(contracts, horizon),
    master_data=DynamoMasterData(aws.dynamodb(), master_data_table, tenant),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    applied = asdict(applier.apply())
    logger.info("corrections applied", extra=applied)
    return applied
