"""Scheduler in, exceptions for dead letters out."""

import json
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.record_dead_letters.use_case import record_dead_letters
from shared.adapters.sqs.dead_letter_queues import SqsDeadLetters
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.domain.identifiers import TenantId
from shared.domain.time_period import parse_instant
from shared.runtime import aws
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
dead_letters = SqsDeadLetters(aws.sqs(), json.loads(environment.text("DEAD_LETTER_QUEUE_URLS")))
reporter = QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    seen_at = parse_instant(event["time"])
    return {"dead_letters": record_dead_letters(seen_at, tenant=tenant, dead_letters=dead_letters, reporter=reporter)}
