"""Scheduled, or asked by `u2c bill-run`: a bill run's name in, its record out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.record_bill_runs.use_case import ApprovalRefusedError, BillRunNotFoundError, BillRunRecorder
from shared.adapters.dynamodb.approvals import DynamoApprovalRequests
from shared.adapters.dynamodb.bill_runs import DynamoBillRunRecords, DynamoBillRuns, DynamoInvoiceClaims
from shared.adapters.dynamodb.billing_accounts import DynamoParkedAccounts
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.sqs.approval_decisions import QueuedApprovalDecisions
from shared.adapters.stepfunctions.executions import StepFunctionsInvoiceExecutions
from shared.contracts.bill_run_record import BillRunAsked, record_reply, refusal_reply
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
table, postings = environment.text("INVOICES_TABLE"), environment.text("POSTINGS_TABLE")
recorder = BillRunRecorder(
    bill_runs=DynamoBillRuns(aws.dynamodb(), table, tenant),
    records=DynamoBillRunRecords(aws.dynamodb(), table, tenant),
    claims=DynamoInvoiceClaims(aws.dynamodb(), table, tenant),
    invoices=DynamoInvoices(aws.dynamodb(), table, tenant, postings_table=postings),
    executions=StepFunctionsInvoiceExecutions(aws.stepfunctions(), environment.text("INVOICE_LIFECYCLE_ARN"), tenant),
    parked=DynamoParkedAccounts(aws.dynamodb(), table, tenant),
    requests=DynamoApprovalRequests(aws.dynamodb(), table, tenant),
    decisions=QueuedApprovalDecisions(aws.sqs(), environment.text("APPROVAL_DECISIONS_QUEUE_URL"), tenant),
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    asked = BillRunAsked.model_validate(event)
    if asked.time is not None:
        return {"recorded": list(recorder.record_unsettled())}
    try:
        name = asked.bill_run_id or recorder.newest()
        return record_reply(
            recorder.approve(name, by=asked.approved_by) if asked.approved_by else recorder.record(name)
        )
    except (BillRunNotFoundError, ApprovalRefusedError) as refusal:
        return refusal_reply(refusal)
