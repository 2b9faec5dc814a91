"""tax-records messages in; documents recorded in their tax engines, failed messages reported."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.commit_tax.use_case import commit_tax
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.tax_intents import DynamoTaxIntents
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import http_transport
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.tax.routing import MappedTaxEngines
from shared.contracts.tax import TaxMessage
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.batch_response import BatchResponse
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.queue_batches import process_queue_batch

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
clock = PlatformClock()
intents = DynamoTaxIntents(aws.dynamodb(), environment.text("POSTINGS_TABLE"), tenant)
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
exceptions = QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant)
engines = MappedTaxEngines(master_data, ConnectionSecrets(aws.secretsmanager(), clock), http_transport())


def record(body: str) -> None:
    name = TaxMessage.of(tenant, body).tax_intent_id
    intent = commit_tax(name, intents=intents, engines=engines, exceptions=exceptions, clock=clock)
    logger.info("tax brought on", extra={"tax_intent_id": name, "state": intent.state.value})


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_queue_batch(event, record)
