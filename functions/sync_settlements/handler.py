"""A schedule's tick in; what the ERPs have settled since the last one brought home."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.sync_settlements.use_case import SettlementSync
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.dynamodb.receivables import DynamoReceivables
from shared.adapters.erp.kms_assertion import KmsSigner
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.site import ErpSite
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import http_transport
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
clock = PlatformClock()
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
credentials = ConnectionSecrets(aws.secretsmanager(), clock)
signer = KmsSigner(aws.kms(), environment.text("ERP_SIGNING_KEY_ID"))
settlements = SettlementSync(
    tenant=tenant,
    erps=MappedErpRouting(master_data, ErpSite(credentials, signer, http_transport(), clock)),
    intents=DynamoPostingIntents(aws.dynamodb(), environment.text("POSTINGS_TABLE"), tenant),
    receivables=DynamoReceivables(aws.dynamodb(), environment.text("POSTINGS_TABLE"), tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=clock,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    del event, context
    master_data.version()
    changed = settlements.sync([entity.legal_entity_id for entity in master_data.legal_entities()])
    logger.info("settlements read", extra={"documents": changed})
