"""One structured logger. Log facts as keys: constant messages, no payloads, no secrets."""

from aws_lambda_powertools import Logger

logger = Logger()
