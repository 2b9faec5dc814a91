"""A schedule's tick in; what was due by it resolved."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.resolve_unknown_postings.use_case import resolve_unknown_postings
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.erp.kms_assertion import KmsSigner
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.site import ErpSite
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import http_transport
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.stepfunctions.posting_announcer import TaskTokenPostingAnnouncer
from shared.domain.identifiers import TenantId
from shared.domain.time_period import parse_instant
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
clock = PlatformClock()
intents = DynamoPostingIntents(aws.dynamodb(), environment.text("POSTINGS_TABLE"), tenant)
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
exceptions = QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant)
announcer = TaskTokenPostingAnnouncer(aws.stepfunctions(), exceptions)
credentials = ConnectionSecrets(aws.secretsmanager(), clock)
signer = KmsSigner(aws.kms(), environment.text("ERP_SIGNING_KEY_ID"))
erps = MappedErpRouting(master_data, ErpSite(credentials, signer, http_transport(), clock))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    del context
    resolved = resolve_unknown_postings(
        parse_instant(event["time"]), intents=intents, erps=erps, announcer=announcer, clock=clock
    )
    logger.info("unknown postings resolved", extra={"postings": resolved})
