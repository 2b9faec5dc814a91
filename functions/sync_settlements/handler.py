"""A schedule's tick, or notices of ERPs, in; what was settled there since the last time brought home."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.sync_settlements.use_case import SettlementSync
from shared.adapters.dynamodb.credit_notes import DynamoCreditNotes
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.dynamodb.receivables import DynamoReceivables
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.tenant_site import tenant_site
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.erp_notice import noticed_entities
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
clock, postings = PlatformClock(), environment.text("POSTINGS_TABLE")
invoices = environment.text("INVOICES_TABLE")
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
key_id = environment.text("ERP_SIGNING_KEY_ID")
site = tenant_site(tenant, clock, aws, postings_table=postings, signing_key_id=key_id)
settlements = SettlementSync(
    tenant=tenant,
    erps=MappedErpRouting(master_data, site),
    intents=DynamoPostingIntents(aws.dynamodb(), postings, tenant),
    notes=DynamoCreditNotes(aws.dynamodb(), invoices, tenant, postings_table=postings),
    receivables=DynamoReceivables(aws.dynamodb(), postings, tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    known=DynamoExceptionStore(aws.dynamodb(), environment.text("EXCEPTIONS_TABLE"), tenant),
    clock=clock,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    master_data.version()
    noticed = noticed_entities(event, tenant)
    try:
        read = settlements.sync(noticed or [entity.legal_entity_id for entity in master_data.legal_entities()])
    except ExceptionGroup:
        if not noticed:
            raise
        logger.exception("settlements not read after a notice: the next tick asks again, and fails where this has")
        return
    logger.info("settlements read", extra={"documents": read.changed, "left_alone": sorted(read.left_alone)})
