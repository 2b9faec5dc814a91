"""invoice-documents messages in; documents in the bucket, failed messages reported."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.render_invoice.use_case import InvoiceRenderer
from shared.adapters.dynamodb.credit_notes import DynamoCreditNotes
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.s3.invoice_documents import S3InvoiceDocuments
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.typst.invoice_pdf import TypstInvoicePrinter
from shared.contracts.invoice_document import read_documents_request
from shared.contracts.ubl import write_ubl
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.batch_response import BatchResponse
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.queue_batches import process_queue_batch

environment = Environment.of_this_function()
tenant, postings = TenantId(environment.text("TENANT")), environment.text("POSTINGS_TABLE")
tables = aws.dynamodb(), environment.text("INVOICES_TABLE"), tenant
renderer = InvoiceRenderer(
    invoices=DynamoInvoices(*tables, postings_table=postings),
    notes=DynamoCreditNotes(*tables, postings_table=postings),
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    documents=S3InvoiceDocuments(aws.s3(), environment.text("INVOICE_DOCUMENTS_BUCKET"), tenant),
    printer=TypstInvoicePrinter(),
    write_e_invoice=write_ubl,
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=PlatformClock(),
)


def render(body: str) -> None:
    of = read_documents_request(body, tenant=tenant).document_id
    formats = renderer.render(of)
    logger.info("document rendered", extra={"document_id": str(of), "formats": [str(one) for one in formats]})


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_queue_batch(event, render)
