"""Scheduled: the scheduled time in, how many requests were escalated out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.escalate_approvals.use_case import ApprovalEscalator
from shared.adapters.dynamodb.approvals import DynamoApprovalRequests
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
invoices_table = environment.text("INVOICES_TABLE")
clock = PlatformClock()
escalator = ApprovalEscalator(
    invoices=DynamoInvoices(aws.dynamodb(), invoices_table, tenant, postings_table=environment.text("POSTINGS_TABLE")),
    requests=DynamoApprovalRequests(aws.dynamodb(), invoices_table, tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
)


@logger.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    count = escalator.escalate_overdue(clock.now())
    logger.info("overdue approvals escalated", extra={"escalated": count})
    return {"escalated": count}
