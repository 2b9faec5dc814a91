"""A schedule's tick in; what was due by it asked for again."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.relay_tax_commits.use_case import relay_tax_commits
from shared.adapters.dynamodb.tax_intents import DynamoTaxIntents
from shared.adapters.sqs.tax_requests import QueuedTaxRequests
from shared.domain.identifiers import TenantId
from shared.domain.time_period import parse_instant
from shared.runtime import aws
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
intents = DynamoTaxIntents(aws.dynamodb(), environment.text("POSTINGS_TABLE"), tenant)
requests = QueuedTaxRequests(aws.sqs(), environment.text("TAX_RECORDS_QUEUE_URL"), tenant)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    relayed = relay_tax_commits(parse_instant(event["time"]), intents=intents, requests=requests)
    logger.info("tax asked for again", extra={"documents": relayed})
