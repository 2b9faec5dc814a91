"""Scheduler in, exceptions about sources of which not everything is here out."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.verify_producer_counts.use_case import ProducerCountVerifier
from shared.adapters.duckdb.delivery_files import ParquetDeliveryFiles
from shared.adapters.duckdb.sent_usage import DuckDbSentUsage
from shared.adapters.dynamodb.closing_progress import DynamoClosingProgress
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.usage_contracts import DynamoUsageContracts
from shared.adapters.dynamodb.verified_claims import DynamoVerifiedClaims
from shared.adapters.s3.archive_partitions import S3ArchivePartitions
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.usage_event.published_reader import PublishedContractReader
from shared.domain.archive.delivery import judge_with
from shared.domain.identifiers import TenantId
from shared.domain.time_period import parse_instant
from shared.domain.usage.admission import AcceptanceHorizon
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
ledger_table = environment.text("METERING_LEDGER_TABLE")
master_data_table = environment.text("MASTER_DATA_TABLE")
memory_mb = environment.number("RECOUNT_MEMORY_MB")
horizon = AcceptanceHorizon.of(
    days=environment.number("ACCEPTANCE_HORIZON_DAYS"),
    future_seconds=environment.number("FUTURE_TOLERANCE_SECONDS"),
)
contracts = PublishedContractReader(DynamoUsageContracts(aws.dynamodb(), master_data_table, tenant), PlatformClock())
verifier = ProducerCountVerifier(
    tenant=tenant,
    horizon=horizon,
    master_data=DynamoMasterData(aws.dynamodb(), master_data_table, tenant),
    closing=DynamoClosingProgress(aws.dynamodb(), ledger_table, tenant),
    verified=DynamoVerifiedClaims(aws.dynamodb(), ledger_table, tenant),
    sent=DuckDbSentUsage(
        archive=S3ArchivePartitions(aws.s3(), environment.text("USAGE_ARCHIVE_BUCKET"), tenant),
        files=ParquetDeliveryFiles(memory_mb=memory_mb),
        judge=judge_with(contracts, horizon),
        memory_mb=memory_mb,
        threads=2,  # as many processors as a function of this memory has
    ),
    exceptions=DynamoExceptionStore(aws.dynamodb(), environment.text("EXCEPTIONS_TABLE"), tenant),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    done = asdict(verifier.verify(parse_instant(event["time"])))
    logger.info("producer counts verified", extra=done)
    return done
