"""Task of bill_run for one batch: its name in, counts out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.start_invoices.use_case import InvoiceStarter, Start
from shared.adapters.dynamodb.bill_runs import DynamoBillRuns, DynamoInvoiceClaims
from shared.adapters.dynamodb.billing_accounts import DynamoParkedAccounts
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.stepfunctions.executions import StepFunctionsInvoiceExecutions
from shared.contracts.bill_run import StartedInvoices, StartInvoicesStep
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
invoices_table = environment.text("INVOICES_TABLE")
starter = InvoiceStarter(
    tenant=tenant,
    bill_runs=DynamoBillRuns(aws.dynamodb(), invoices_table, tenant),
    claims=DynamoInvoiceClaims(aws.dynamodb(), invoices_table, tenant),
    executions=StepFunctionsInvoiceExecutions(aws.stepfunctions(), environment.text("INVOICE_LIFECYCLE_ARN"), tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    parked=DynamoParkedAccounts(aws.dynamodb(), invoices_table, tenant),
    park_after=environment.number("PARK_ACCOUNT_AFTER_BILL_RUNS"),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    step = StartInvoicesStep.model_validate(event)
    starts = starter.start_batch(step.bill_run_id, step.batch)
    counts = StartedInvoices(
        started=starts.count(Start.FIRST),
        restarted=starts.count(Start.ANEW),
        running=starts.count(Start.LEFT_RUNNING),
        parked=starts.count(Start.PARKED),
        failed=starts.count(Start.FAILED),
    )
    return counts.model_dump()
