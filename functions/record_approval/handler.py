"""approval-decisions messages in; decisions recorded, failed messages reported."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.record_approval.use_case import ApprovalRecorder
from shared.adapters.dynamodb.approvals import DynamoApprovalRequests
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.stepfunctions.callbacks import TaskTokenApprovalCallbacks
from shared.contracts.invoice import read_approval_decision
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.batch_response import BatchResponse
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.queue_batches import process_queue_batch

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
invoices_table = environment.text("INVOICES_TABLE")
recorder = ApprovalRecorder(
    invoices=DynamoInvoices(aws.dynamodb(), invoices_table, tenant, postings_table=environment.text("POSTINGS_TABLE")),
    requests=DynamoApprovalRequests(aws.dynamodb(), invoices_table, tenant),
    callbacks=TaskTokenApprovalCallbacks(aws.stepfunctions()),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
)


def record(body: str) -> None:
    message = read_approval_decision(body, tenant=tenant)
    invoice = recorder.record(message.invoice_id, message.revision, message.to_domain())
    logger.info("approval recorded", extra={"invoice_id": invoice.invoice_id, "state": invoice.state.value})


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_queue_batch(event, record)
