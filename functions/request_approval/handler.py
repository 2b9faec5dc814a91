"""Task of invoice_lifecycle that waits: an invoice's name and the task token in, the request stored."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.request_approval.use_case import ApprovalRequester
from shared.adapters.dynamodb.approvals import DynamoApprovalRequests
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.stepfunctions.callbacks import TaskTokenApprovalCallbacks
from shared.contracts.invoice import ApprovalStep
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
invoices_table = environment.text("INVOICES_TABLE")
requester = ApprovalRequester(
    invoices=DynamoInvoices(aws.dynamodb(), invoices_table, tenant, postings_table=environment.text("POSTINGS_TABLE")),
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    requests=DynamoApprovalRequests(aws.dynamodb(), invoices_table, tenant),
    callbacks=TaskTokenApprovalCallbacks(aws.stepfunctions()),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    step = ApprovalStep.model_validate(event)
    requester.request(step.invoice_id, step.revision, task_token=step.task_token)
    logger.info("approval requested", extra={"invoice_id": step.invoice_id})
