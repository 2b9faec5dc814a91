"""A document whose posting was refused in; what was done about it, or why nothing was, out."""

from typing import Any, assert_never

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.repair_posting.by_hand import HandBooking, HandSettler
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
from shared.contracts.posting_repair import (
    AnyRemedyEvent,
    CancelPostingEvent,
    MarkPostedEvent,
    RepairPostingEvent,
    answer,
    refused,
    remedy_event,
)
from shared.domain.identifiers import TenantId
from shared.domain.posting.repair import Remedy, RepairRefusedError
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
repairs = DynamoPostingRepairs(dynamodb, tenant, postings_table=postings, invoices_table=table)
erps = MappedErpRouting(master_data, site)
requests = QueuedPostingRequests(aws.sqs(), environment.text("ERP_POSTINGS_QUEUE_URL"), tenant)
compose = Composer(invoices=invoices, notes=notes, intents=intents, master_data=master_data)
repairer = PostingRepairer(intents=intents, repairs=repairs, erps=erps, requests=requests, compose=compose, clock=clock)
settler = HandSettler(intents=intents, repairs=repairs, erps=erps, compose=compose, clock=clock)


def remedied(asked: AnyRemedyEvent) -> Remedy:
    match asked:
        case RepairPostingEvent():
            return repairer.repair(asked.name, asked_by=asked.asked_by, send=asked.send)
        case MarkPostedEvent():
            booking = HandBooking(number=asked.number, key=asked.erp_key, unverified=asked.unverified)
            return settler.mark_posted(asked.name, booking, asked_by=asked.asked_by, send=asked.send)
        case CancelPostingEvent():
            return settler.cancel(asked.name, reason=asked.reason, asked_by=asked.asked_by, send=asked.send)
        case _ as never:
            assert_never(never)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    asked = remedy_event(event)
    try:
        with site.in_turn():
            remedy = remedied(asked)
    except RepairRefusedError as refusal:
        return refused(refusal)
    logger.info("posting remedied", extra={"posting_id": remedy.posting.posting_id, "stored": asked.send})
    return answer(remedy)
