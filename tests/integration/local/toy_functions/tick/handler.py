"""Keeps the scheduled time that it was fired for, and the platform's."""

from typing import Any

from shared.runtime.aws import dynamodb
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment

TABLE = Environment.of_this_function().text("TABLE")


def handler(event: dict[str, Any], context: object) -> None:
    item = {"pk": {"S": "tick"}, "sk": {"S": event["time"]}, "now": {"S": PlatformClock().now().isoformat()}}
    dynamodb().put_item(TableName=TABLE, Item=item)
