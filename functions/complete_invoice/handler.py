"""Last task of invoice_lifecycle: how the posting settled in, the invoice's last state out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.complete_invoice.use_case import complete_invoice
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.contracts.invoice import CompletionStep
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant, postings = TenantId(environment.text("TENANT")), environment.text("POSTINGS_TABLE")
invoices = DynamoInvoices(aws.dynamodb(), environment.text("INVOICES_TABLE"), tenant, postings_table=postings)
intents = DynamoPostingIntents(aws.dynamodb(), postings, tenant)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    step = CompletionStep.model_validate(event)
    invoice = complete_invoice(
        step.invoice_id, step.revision, posting_state=step.posting.state, invoices=invoices, intents=intents
    )
    logger.info("invoice completed", extra={"invoice_id": invoice.invoice_id, "state": invoice.state.value})
    return {"state": invoice.state.value}
