"""An operator's request in, usage on accepted-usage and counts out. See docs/guides/replay-and-backfill.md."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.replay_usage.use_case import UsageReplayer
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.parked_usage import DynamoParkedUsage
from shared.adapters.dynamodb.replays import DynamoReplays
from shared.adapters.dynamodb.usage_contracts import DynamoUsageContracts
from shared.adapters.dynamodb.usage_corrections import DynamoUsageCorrections
from shared.adapters.kinesis.usage_publisher import UsagePublisher
from shared.adapters.s3.archive_pages import S3ArchivePages
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.usage_standing import LedgerStanding
from shared.contracts.replay import ReplayRequested, replay_answer
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
master_data = DynamoMasterData(dynamodb, master_data_table, tenant)
horizon = AcceptanceHorizon.of(
    days=environment.number("ACCEPTANCE_HORIZON_DAYS"),
    future_seconds=environment.number("FUTURE_TOLERANCE_SECONDS"),
)
replayer = UsageReplayer(
    tenant=tenant,
    judge=judge_with(
        PublishedContractReader(DynamoUsageContracts(dynamodb, master_data_table, tenant), clock), horizon
    ),
    home=layout.home,
    corrections=DynamoUsageCorrections(dynamodb, environment.text("USAGE_CORRECTIONS_TABLE"), tenant),
    archive=S3ArchivePages(aws.s3(), environment.text("USAGE_ARCHIVE_BUCKET"), tenant),
    standing=LedgerStanding(
        DynamoMeteringLedger(dynamodb, environment.text("METERING_LEDGER_TABLE"), tenant),
        layout,
        master_data,
        DynamoParkedUsage(dynamodb, environment.text("PARKED_USAGE_TABLE"), tenant),
    ),
    master_data=master_data,
    accepted_usage=UsagePublisher(aws.kinesis(), environment.text("ACCEPTED_USAGE_STREAM")),
    exceptions=DynamoExceptionStore(dynamodb, environment.text("EXCEPTIONS_TABLE"), tenant),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    replays=DynamoReplays(dynamodb, environment.text("USAGE_REPAIRS_TABLE"), tenant),
    clock=clock,
    tell=lambda progress: logger.info("archive page replayed", extra=replay_answer(progress)),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    return replay_answer(replayer.replay(ReplayRequested.model_validate(event).to_domain()))
