"""A request for a credit, or an approver's decision, in; the credit note as it is then, or the refusal, out.

Of the schedule: the time in, what was credited of what invoices have left over out.
"""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.issue_credit_note.left_over import LeftOverCreditor
from functions.issue_credit_note.use_case import CreditNoteIssuer
from shared.adapters.dynamodb.credit_notes import DynamoCreditNotes
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.dynamodb.receivables import DynamoReceivables
from shared.adapters.sqs.document_requests import QueuedDocumentRequests
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.sqs.posting_requests import QueuedPostingRequests
from shared.adapters.sqs.tax_requests import QueuedTaxRequests
from shared.contracts.credit_note import CreditNoteEvent, answer, refused
from shared.domain.identifiers import TenantId
from shared.domain.invoicing.credit_note import CreditLeftOver
from shared.domain.invoicing.crediting import CreditRefusedError
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant, postings = TenantId(environment.text("TENANT")), environment.text("POSTINGS_TABLE")
tables = aws.dynamodb(), environment.text("INVOICES_TABLE"), tenant
issuer = CreditNoteIssuer(
    notes=DynamoCreditNotes(*tables, postings_table=postings),
    invoices=DynamoInvoices(*tables, postings_table=postings),
    intents=DynamoPostingIntents(aws.dynamodb(), postings, tenant),
    receivables=DynamoReceivables(aws.dynamodb(), postings, tenant),
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    document_requests=QueuedDocumentRequests(aws.sqs(), environment.text("INVOICE_DOCUMENTS_QUEUE_URL"), tenant),
    posting_requests=QueuedPostingRequests(aws.sqs(), environment.text("ERP_POSTINGS_QUEUE_URL"), tenant),
    tax_requests=QueuedTaxRequests(aws.sqs(), environment.text("TAX_RECORDS_QUEUE_URL"), tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=PlatformClock(),
)
creditor = LeftOverCreditor(
    issuer=issuer,
    open_exceptions=DynamoExceptionStore(aws.dynamodb(), environment.text("EXCEPTIONS_TABLE"), tenant),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    asked = CreditNoteEvent.model_validate(event).to_domain()
    if isinstance(asked, CreditLeftOver):
        done = asdict(creditor.credit_all(asked.at))
        logger.info("left over credited", extra=done)
        return done
    try:
        return answer(*issuer.answer(asked))
    except CreditRefusedError as refusal:
        logger.info("credit refused", extra={"reason": str(refusal)})
        return refused(refusal)
