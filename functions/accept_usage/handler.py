"""HTTP usage in, events on the stream and a result for each out."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.accept_usage.use_case import accept_usage
from shared.adapters.dynamodb.usage_contracts import DynamoUsageContracts
from shared.adapters.kinesis.usage_intake import KinesisUsageIntake
from shared.contracts.usage_event.json_members import members_of
from shared.contracts.usage_event.published_reader import PublishedContractReader
from shared.contracts.usage_request import HttpResponse, Problem, problem_response, read_usage_request, usage_response
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.usage.admission import AcceptanceHorizon
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = environment.text("TENANT")
layout = BucketLayout.parse(environment.text("BUCKET_LAYOUT"))
accept = partial(
    accept_usage,
    cut=lambda body: (member.text for member in members_of(body)),
    read=PublishedContractReader(
        DynamoUsageContracts(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), TenantId(tenant)), PlatformClock()
    ),
    horizon=AcceptanceHorizon.of(
        days=environment.number("ACCEPTANCE_HORIZON_DAYS"),
        future_seconds=environment.number("FUTURE_TOLERANCE_SECONDS"),
    ),
    home_group=lambda subject, occurred_at: layout.home(subject, occurred_at).group,
    usage_events=KinesisUsageIntake(aws.kinesis(), environment.text("USAGE_EVENTS_STREAM")),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> HttpResponse:
    request = read_usage_request(event)
    if isinstance(request, Problem):
        return problem_response(request)
    response = usage_response(answers := accept(request.body, received_at=request.received_at))
    told = {"tenant": tenant, "principal": request.principal, "events": len(answers)}
    logger.info("usage answered", extra=told | {"status": response["statusCode"]})
    return response
