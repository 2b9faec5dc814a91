"""Task of invoice_lifecycle: an invoice's name in, the verdict out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.validate_invoice.use_case import InvoiceValidator
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.mapping_findings import DynamoMappingFindings
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.usage_holds import DynamoUsageHolds
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.invoice import InvoiceStep
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
validator = InvoiceValidator(
    invoices=DynamoInvoices(
        aws.dynamodb(), environment.text("INVOICES_TABLE"), tenant, postings_table=environment.text("POSTINGS_TABLE")
    ),
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    holds=DynamoUsageHolds(aws.dynamodb(), environment.text("METERING_LEDGER_TABLE"), tenant),
    findings=DynamoMappingFindings(aws.dynamodb(), environment.text("POSTINGS_TABLE"), tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    step = InvoiceStep.model_validate(event)
    verdict = validator.validate(step.invoice_id, step.revision)
    logger.info("invoice validated", extra={"invoice_id": step.invoice_id, "verdict": verdict.value})
    return {"status": verdict.value}
