"""SQS exceptions in, items of the exceptions table out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.open_exception.use_case import open_exceptions
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.contracts.exceptions import read_message
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.batch_response import BatchResponse
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.queue_batches import process_queue_batch

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
store = DynamoExceptionStore(aws.dynamodb(), environment.text("EXCEPTIONS_TABLE"), tenant)


def process(body: str) -> None:
    raised, resolved = read_message(body)
    open_exceptions(raised, resolved, tenant=tenant, store=store)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_queue_batch(event, process)
