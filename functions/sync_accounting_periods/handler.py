"""A schedule's tick, or a person's question, in; the accounting periods as the ERPs have them out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.sync_accounting_periods.use_case import PeriodSync
from shared.adapters.dynamodb.accounting_periods import DynamoAccountingPeriods
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.tenant_site import tenant_site
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.accounting_periods import answer
from shared.contracts.tick import TickOrQuestion
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant, clock, postings = TenantId(environment.text("TENANT")), PlatformClock(), environment.text("POSTINGS_TABLE")
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
site = tenant_site(tenant, clock, aws, postings_table=postings, signing_key_id=environment.text("ERP_SIGNING_KEY_ID"))
sync = PeriodSync(
    tenant=tenant,
    erps=MappedErpRouting(master_data, site),
    periods=DynamoAccountingPeriods(aws.dynamodb(), postings, tenant),
    intents=DynamoPostingIntents(aws.dynamodb(), postings, tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    known=DynamoExceptionStore(aws.dynamodb(), environment.text("EXCEPTIONS_TABLE"), tenant),
    clock=clock,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    asked = TickOrQuestion.model_validate(event)
    master_data.version()
    entities = master_data.legal_entities()
    synced = sync.ask(entities) if asked.is_question else sync.sync(entities)
    left_alone = [entity.legal_entity_id for entity in synced if entity.left_alone]
    not_read = {entity.legal_entity_id: entity.not_read for entity in synced if entity.not_read}
    facts = {"legal_entities": len(synced), "left_alone": left_alone, "not_read": not_read}
    logger.info("accounting periods read", extra=facts)
    return answer(synced)
