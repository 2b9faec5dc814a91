"""Task of amend_subscription: a request in, its state out once the CRM knows it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.confirm_amendment.use_case import AmendmentConfirmer
from shared.adapters.crm.salesforce import salesforce
from shared.adapters.dynamodb.amendments import DynamoAmendments
from shared.contracts.amendment import read_step, state_reply
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
clock = PlatformClock()
confirmer = AmendmentConfirmer(
    requests=DynamoAmendments(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    crm=salesforce(f"{tenant}/crm", secrets=aws.secretsmanager(), clock=clock),
    clock=clock,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    asked = read_step(event, tenant=tenant).request
    request = confirmer.confirm(asked.to_domain())
    logger.info("CRM told of an amendment", extra={"request_id": asked.request_id, "state": request.state.value})
    return state_reply(request.state)
