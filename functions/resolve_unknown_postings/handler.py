"""posting-follow-ups messages in; postings brought one step on after they were sent, failed messages reported."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.resolve_unknown_postings.accruing import Accruer
from functions.resolve_unknown_postings.redating import Redater
from functions.resolve_unknown_postings.use_case import PostingResolver
from shared.adapters.dynamodb.accounting_periods import DynamoAccountingPeriods
from shared.adapters.dynamodb.accruals import DynamoAccruals
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.dynamodb.posting_repairs import DynamoPostingRepairs
from shared.adapters.dynamodb.receivables import DynamoReceivables
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.tenant_site import tenant_site
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.sqs.posting_requests import QueuedPostingRequests
from shared.adapters.stepfunctions.posting_announcer import TaskTokenPostingAnnouncer
from shared.contracts.posting import PostingMessage
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
postings, invoices = environment.text("POSTINGS_TABLE"), environment.text("INVOICES_TABLE")
intents = DynamoPostingIntents(aws.dynamodb(), postings, tenant)
repairs = DynamoPostingRepairs(aws.dynamodb(), tenant, postings_table=postings, invoices_table=invoices)
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
exceptions = QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant)
announcer = TaskTokenPostingAnnouncer(aws.stepfunctions(), exceptions)
key_id = environment.text("ERP_SIGNING_KEY_ID")
site = tenant_site(tenant, clock, aws, postings_table=postings, signing_key_id=key_id)
erps = MappedErpRouting(master_data, site)
redater = Redater(intents=intents, repairs=repairs, master_data=master_data, clock=clock)
accruer = Accruer(
    intents=intents,
    accruals=DynamoAccruals(aws.dynamodb(), postings, tenant),
    periods=DynamoAccountingPeriods(aws.dynamodb(), postings, tenant),
    master_data=master_data,
    announcer=announcer,
    clock=clock,
)
resolver = PostingResolver(
    intents=intents,
    erps=erps,
    requests=QueuedPostingRequests(aws.sqs(), environment.text("POSTING_FOLLOW_UPS_QUEUE_URL"), tenant),
    redater=redater,
    accruer=accruer,
    master_data=master_data,
    receivables=DynamoReceivables(aws.dynamodb(), postings, tenant),
    announcer=announcer,
    clock=clock,
)


def follow_up(body: str) -> None:
    posting_id = PostingMessage.of(tenant, body).posting_id
    state = resolver.resolve(posting_id)
    logger.info("posting followed up", extra={"posting_id": posting_id, "was": state.value})


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_queue_batch(event, follow_up)
