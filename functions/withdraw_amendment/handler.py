"""Task of amend_subscription: a request and what failed in, its state out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.withdraw_amendment.use_case import AmendmentWithdrawer
from shared.adapters.dynamodb.amendments import DynamoAmendments
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.amendment import read_step, state_reply
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
table = environment.text("MASTER_DATA_TABLE")
withdrawer = AmendmentWithdrawer(
    requests=DynamoAmendments(aws.dynamodb(), table, tenant),
    master_data=DynamoMasterData(aws.dynamodb(), table, tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    step = read_step(event, tenant=tenant)
    request = withdrawer.withdraw(step.request.to_domain(), str(step.failure))
    logger.info("amendment withdrawn", extra={"request_id": step.request.request_id, "state": request.state.value})
    return state_reply(request.state)
