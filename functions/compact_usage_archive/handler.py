"""Scheduler in, files of judged deliveries and their manifests out."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.compact_usage_archive.use_case import ArchiveCompactor
from shared.adapters.duckdb.delivery_files import ParquetDeliveryFiles
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.usage_contracts import DynamoUsageContracts
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
horizon = AcceptanceHorizon.of(
    days=environment.number("ACCEPTANCE_HORIZON_DAYS"),
    future_seconds=environment.number("FUTURE_TOLERANCE_SECONDS"),
)
table = environment.text("MASTER_DATA_TABLE")
contracts = PublishedContractReader(DynamoUsageContracts(aws.dynamodb(), table, tenant), PlatformClock())
master_data = DynamoMasterData(aws.dynamodb(), table, tenant)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int | bool]:
    with TemporaryDirectory() as scratch:
        compactor = ArchiveCompactor(
            tenant=tenant,
            judge=judge_with(contracts, horizon),
            judged_with=f"catalogue {master_data.version()}",
            looks_back=2 * horizon.past,  # the month before, and a horizon before that: what a bill run reads
            archive=S3ArchivePartitions(aws.s3(), environment.text("USAGE_ARCHIVE_BUCKET"), tenant),
            files=ParquetDeliveryFiles(memory_mb=environment.number("RECOUNT_MEMORY_MB")),
            scratch=Path(scratch),
            reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
        )
        done = compactor.compact(parse_instant(event["time"]))
    logger.info("archive compacted", extra=asdict(done))
    return asdict(done)
