"""A schedule's tick, or a person's question or word that an ERP takes its credentials, in; how the ERPs stand out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.watch_erps.use_case import ErpWatch
from shared.adapters.dynamodb.call_pacing import DynamoCallPacing
from shared.adapters.dynamodb.circuits import PowertoolsCircuits
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.erp_standing import answer, connection_to_resume
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.metrics import LoggedMetrics

environment = Environment.of_this_function()
tenant, table = TenantId(environment.text("TENANT")), environment.text("POSTINGS_TABLE")
watch = ErpWatch(
    tenant=tenant,
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    intents=DynamoPostingIntents(aws.dynamodb(), table, tenant),
    pacing=DynamoCallPacing(aws.dynamodb(), table, tenant),
    circuits=PowertoolsCircuits(aws.dynamodb(), table, tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    known=DynamoExceptionStore(aws.dynamodb(), environment.text("EXCEPTIONS_TABLE"), tenant),
    metrics=LoggedMetrics(),
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    connection = connection_to_resume(event)
    resumed = connection is not None and watch.resume(connection)
    standings = watch.look()
    logger.info("ERPs watched", extra={"stopped": [one.connection for one in standings if one.is_stopped]})
    return answer(standings, resumed=resumed)
