"""First task of invoice_lifecycle: a billing period in, what was built out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.build_invoice.use_case import BuildRequest, InvoiceBuilder
from shared.adapters.dynamodb.customer_usage import DynamoCustomerUsage
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.usage_holds import DynamoUsageHolds
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.invoice import InvoiceLifecycleInput
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.runtime import aws
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
ledger_table = environment.text("METERING_LEDGER_TABLE")
postings_table = environment.text("POSTINGS_TABLE")
builder = InvoiceBuilder(
    tenant=tenant,
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    usage=DynamoCustomerUsage(
        aws.dynamodb(), ledger_table, tenant, BucketLayout.parse(environment.text("BUCKET_LAYOUT"))
    ),
    holds=DynamoUsageHolds(aws.dynamodb(), ledger_table, tenant),
    invoices=DynamoInvoices(aws.dynamodb(), environment.text("INVOICES_TABLE"), tenant, postings_table=postings_table),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    message = InvoiceLifecycleInput.model_validate(event)
    request = BuildRequest(account=message.account(), bill_run_id=message.bill_run_id, as_of=message.instant())
    status = builder.build(request)
    logger.info("invoice built", extra={"invoice_id": message.invoice_id, "status": status.value})
    return {"status": status.value}
