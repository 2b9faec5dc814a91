"""A refused posting's document in; the posting in its place, or why there is none, out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.repair_posting.composing import Composer
from functions.repair_posting.use_case import PostingRepairer
from shared.adapters.dynamodb.credit_notes import DynamoCreditNotes
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.dynamodb.posting_repairs import DynamoPostingRepairs
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.tenant_site import tenant_site
from shared.adapters.sqs.posting_requests import QueuedPostingRequests
from shared.contracts.posting_repair import RepairPostingEvent, answer, refused
from shared.domain.identifiers import TenantId
from shared.domain.posting.repair import RepairRefusedError
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant, clock = TenantId(environment.text("TENANT")), PlatformClock()
dynamodb, table, postings = aws.dynamodb(), environment.text("INVOICES_TABLE"), environment.text("POSTINGS_TABLE")
intents = DynamoPostingIntents(dynamodb, postings, tenant)
master_data = DynamoMasterData(dynamodb, environment.text("MASTER_DATA_TABLE"), tenant)
key_id = environment.text("ERP_SIGNING_KEY_ID")
site = tenant_site(tenant, clock, aws, postings_table=postings, signing_key_id=key_id)
notes = DynamoCreditNotes(dynamodb, table, tenant, postings_table=postings)
invoices = DynamoInvoices(dynamodb, table, tenant, postings_table=postings)
repairer = PostingRepairer(
    intents=intents,
    repairs=DynamoPostingRepairs(dynamodb, tenant, postings_table=postings, invoices_table=table),
    erps=MappedErpRouting(master_data, site),
    requests=QueuedPostingRequests(aws.sqs(), environment.text("ERP_POSTINGS_QUEUE_URL"), tenant),
    compose=Composer(invoices=invoices, notes=notes, intents=intents, master_data=master_data),
    clock=clock,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    asked = RepairPostingEvent.model_validate(event)
    try:
        with site.in_turn():
            repair = repairer.repair(asked.name, asked_by=asked.asked_by, send=asked.send)
    except RepairRefusedError as refusal:
        return refused(refusal)
    logger.info("posting repaired", extra={"posting_id": repair.posting.posting_id, "sent": asked.send})
    return answer(repair)
