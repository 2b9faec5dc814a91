"""Task of invoice_lifecycle: an invoice's name in, its tax stored."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.calculate_tax.use_case import calculate_tax
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import http_transport
from shared.adapters.tax.routing import MappedTaxEngines
from shared.contracts.invoice import InvoiceStep
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
invoices = DynamoInvoices(
    aws.dynamodb(), environment.text("INVOICES_TABLE"), tenant, postings_table=environment.text("POSTINGS_TABLE")
)
engines = MappedTaxEngines(master_data, ConnectionSecrets(aws.secretsmanager(), PlatformClock()), http_transport())


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    step = InvoiceStep.model_validate(event)
    invoice = calculate_tax(step.invoice_id, step.revision, invoices=invoices, master_data=master_data, engines=engines)
    logger.info("tax calculated", extra={"invoice_id": invoice.invoice_id, "tax": str(invoice.tax)})
    return {"status": invoice.state.value}
