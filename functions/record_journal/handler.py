"""A journal, or a decision on one, in; how the journal stands, or why not, out."""

from typing import Any, assert_never

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.record_journal.use_case import JournalRecorder
from shared.adapters.dynamodb.journals import DynamoJournals
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.sqs.posting_requests import QueuedPostingRequests
from shared.contracts.journal import DecideJournalEvent, PrepareJournalEvent, answer, journal_event, refused
from shared.domain.identifiers import TenantId
from shared.domain.money import UnknownCurrencyError
from shared.domain.posting.journal import UnbalancedJournalError
from shared.domain.posting.journal_approval import JournalRefusedError
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant, clock, postings = TenantId(environment.text("TENANT")), PlatformClock(), environment.text("POSTINGS_TABLE")
recorder = JournalRecorder(
    journals=DynamoJournals(aws.dynamodb(), postings, tenant),
    intents=DynamoPostingIntents(aws.dynamodb(), postings, tenant),
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    requests=QueuedPostingRequests(aws.sqs(), environment.text("ERP_POSTINGS_QUEUE_URL"), tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=clock,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    asked = journal_event(event)
    try:
        match asked:
            case PrepareJournalEvent():
                journal = asked.journal.to_domain(tenant)
                return answer(*recorder.prepare(journal, prepared_by=asked.prepared_by, send=asked.send))
            case DecideJournalEvent():
                return answer(recorder.decide(asked.name, asked.decision(clock.now())), "")
            case _ as never:
                assert_never(never)
    except (JournalRefusedError, UnbalancedJournalError, UnknownCurrencyError) as refusal:
        logger.info("journal refused", extra={"reason": str(refusal)})
        return refused(refusal)
