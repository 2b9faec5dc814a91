"""erp-postings messages in; postings brought one step on, failed messages reported."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.post_to_erp.use_case import post_to_erp
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
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
intents = DynamoPostingIntents(aws.dynamodb(), environment.text("POSTINGS_TABLE"), tenant)
receivables = DynamoReceivables(aws.dynamodb(), environment.text("POSTINGS_TABLE"), tenant)
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
exceptions = QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant)
requests = QueuedPostingRequests(aws.sqs(), environment.text("ERP_POSTINGS_QUEUE_URL"), tenant)
announcer = TaskTokenPostingAnnouncer(aws.stepfunctions(), exceptions)
key_id = environment.text("ERP_SIGNING_KEY_ID")
site = tenant_site(tenant, clock, aws, postings_table=environment.text("POSTINGS_TABLE"), signing_key_id=key_id)
erps = MappedErpRouting(master_data, site)


def post(body: str) -> None:
    request = PostingMessage.of(tenant, body).to_domain()
    intent = post_to_erp(
        request,
        intents,
        receivables=receivables,
        master_data=master_data,
        erps=erps,
        requests=requests,
        announcer=announcer,
        clock=clock,
    )
    logger.info("posting brought on", extra={"posting_id": intent.posting_id, "state": intent.state.value})


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_queue_batch(event, post)
