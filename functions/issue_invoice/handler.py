"""Task of invoice_lifecycle: an invoice's name in, its number and posting out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.issue_invoice.use_case import InvoiceIssuer
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.sqs.tax_requests import QueuedTaxRequests
from shared.contracts.invoice import InvoiceStep
from shared.domain.identifiers import TenantId
from shared.domain.posting.compose import posting_id
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
issuer = InvoiceIssuer(
    invoices=DynamoInvoices(
        aws.dynamodb(), environment.text("INVOICES_TABLE"), tenant, postings_table=environment.text("POSTINGS_TABLE")
    ),
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    tax_requests=QueuedTaxRequests(aws.sqs(), environment.text("TAX_RECORDS_QUEUE_URL"), tenant),
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str | None]:
    step = InvoiceStep.model_validate(event)
    invoice = issuer.issue(step.invoice_id, step.revision)
    logger.info("invoice issued", extra={"invoice_id": invoice.invoice_id, "number": invoice.number})
    return {"number": invoice.number, "posting_id": posting_id(invoice.invoice_id, invoice.revision)}
