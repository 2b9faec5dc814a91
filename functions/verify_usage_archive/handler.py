"""Task of bill_run: periods in, holds and exceptions out."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.verify_usage_archive.use_case import ArchiveVerifier
from shared.adapters.duckdb.delivery_files import ParquetDeliveryFiles
from shared.adapters.duckdb.recount import DuckDbRecount
from shared.adapters.dynamodb.ledger_audit import DynamoLedgerAudit
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.parked_usage import DynamoParkedUsage
from shared.adapters.dynamodb.usage_contracts import DynamoUsageContracts
from shared.adapters.dynamodb.usage_holds import DynamoUsageHolds
from shared.adapters.s3.archive_partitions import S3ArchivePartitions
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.usage_event.published_reader import PublishedContractReader
from shared.domain.archive.delivery import judge_with
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.time_period import BillingPeriod, parse_instant
from shared.domain.usage.admission import AcceptanceHorizon
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
ledger_table = environment.text("METERING_LEDGER_TABLE")
layout = BucketLayout.parse(environment.text("BUCKET_LAYOUT"))
master_data_table = environment.text("MASTER_DATA_TABLE")
memory_mb = environment.number("RECOUNT_MEMORY_MB")
horizon = AcceptanceHorizon.of(
    days=environment.number("ACCEPTANCE_HORIZON_DAYS"),
    future_seconds=environment.number("FUTURE_TOLERANCE_SECONDS"),
)
contracts = PublishedContractReader(DynamoUsageContracts(aws.dynamodb(), master_data_table, tenant), PlatformClock())
verifier = ArchiveVerifier(
    tenant=tenant,
    horizon=horizon,
    seal_grace=timedelta(hours=environment.number("SEAL_GRACE_HOURS")),
    recount=DuckDbRecount(
        archive=S3ArchivePartitions(aws.s3(), environment.text("USAGE_ARCHIVE_BUCKET"), tenant),
        files=ParquetDeliveryFiles(memory_mb=memory_mb),
        judge=judge_with(contracts, horizon),
        memory_mb=memory_mb,
        threads=2,  # as many processors as a function of this memory has
    ),
    layout=layout,
    ledger=DynamoLedgerAudit(aws.dynamodb(), ledger_table, tenant, layout),
    parked_deliveries=DynamoParkedUsage(
        aws.dynamodb(), environment.text("PARKED_USAGE_TABLE"), tenant
    ).parked_deliveries,
    master_data=DynamoMasterData(aws.dynamodb(), master_data_table, tenant),
    holds=DynamoUsageHolds(aws.dynamodb(), ledger_table, tenant),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    periods = [
        BillingPeriod(period["name"], parse_instant(period["start"]), parse_instant(period["end"]))
        for period in event["periods"]
    ]
    return asdict(verifier.verify(periods, parse_instant(event["as_of"])))
