"""First task of bill_run: the scheduled time in, the names of stored batches out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.select_billing_accounts.use_case import BillingAccountSelector
from shared.adapters.dynamodb.bill_runs import DynamoBillRuns
from shared.adapters.dynamodb.billing_accounts import DynamoBillingProgresses, DynamoParkedAccounts
from shared.adapters.dynamodb.customer_usage import DynamoCustomerUsage
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.contracts.bill_run import BillRunStart, selection_reply
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.time_period import parse_instant
from shared.runtime import aws
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
invoices_table, postings_table = environment.text("INVOICES_TABLE"), environment.text("POSTINGS_TABLE")
layout = BucketLayout.parse(environment.text("BUCKET_LAYOUT"))
selector = BillingAccountSelector(
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    usage=DynamoCustomerUsage(aws.dynamodb(), environment.text("METERING_LEDGER_TABLE"), tenant, layout),
    invoices=DynamoInvoices(aws.dynamodb(), invoices_table, tenant, postings_table=postings_table),
    bill_runs=DynamoBillRuns(aws.dynamodb(), invoices_table, tenant),
    progresses=DynamoBillingProgresses(aws.dynamodb(), invoices_table, tenant),
    parked=DynamoParkedAccounts(aws.dynamodb(), invoices_table, tenant),
    intents=DynamoPostingIntents(aws.dynamodb(), postings_table, tenant),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    as_of = parse_instant(BillRunStart.model_validate(event).scheduled_time.isoformat())
    return selection_reply(selector.select(as_of))
