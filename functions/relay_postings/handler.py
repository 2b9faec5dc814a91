"""A schedule's tick in; what was due by it asked for again or told."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.relay_postings.asking import Asking
from functions.relay_postings.use_case import relay_postings
from shared.adapters.dynamodb.call_pacing import DynamoCallPacing
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.sqs.document_requests import QueuedDocumentRequests
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.sqs.posting_requests import QueuedPostingRequests
from shared.adapters.stepfunctions.posting_announcer import TaskTokenPostingAnnouncer
from shared.domain.identifiers import TenantId
from shared.domain.time_period import parse_instant
from shared.runtime import aws
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
intents = DynamoPostingIntents(aws.dynamodb(), environment.text("POSTINGS_TABLE"), tenant)
unsent = QueuedPostingRequests(aws.sqs(), environment.text("ERP_POSTINGS_QUEUE_URL"), tenant)
follow_ups = QueuedPostingRequests(aws.sqs(), environment.text("POSTING_FOLLOW_UPS_QUEUE_URL"), tenant)
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
pacing = DynamoCallPacing(aws.dynamodb(), environment.text("POSTINGS_TABLE"), tenant)
to_be_sent = Asking(master_data=master_data, pacing=pacing, queue=unsent)
to_be_followed_up = Asking(master_data=master_data, pacing=pacing, queue=follow_ups)
documents = QueuedDocumentRequests(aws.sqs(), environment.text("INVOICE_DOCUMENTS_QUEUE_URL"), tenant)
exceptions = QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant)
announcer = TaskTokenPostingAnnouncer(aws.stepfunctions(), exceptions)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    relayed = relay_postings(
        parse_instant(event["time"]),
        intents=intents,
        to_be_sent=to_be_sent,
        to_be_followed_up=to_be_followed_up,
        documents=documents,
        announcer=announcer,
    )
    logger.info("postings relayed", extra={"postings": relayed})
