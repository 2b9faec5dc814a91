"""Task of amend_subscription: a request in, its state out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.record_amendment.use_case import AmendmentRecorder
from shared.adapters.dynamodb.amendments import DynamoAmendments
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.contracts.amendment import read_step, state_reply
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
table = environment.text("MASTER_DATA_TABLE")
recorder = AmendmentRecorder(
    requests=DynamoAmendments(aws.dynamodb(), table, tenant),
    master_data=DynamoMasterData(aws.dynamodb(), table, tenant),
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    asked = read_step(event, tenant=tenant).request
    request = recorder.record(asked.to_domain(), asked.amendment_in)
    logger.info("amendment looked at", extra={"request_id": asked.request_id, "state": request.state.value})
    return state_reply(request.state)
