"""A task that adds one, and can be told to fail."""

from typing import Any


class CannotCountError(Exception):
    pass


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    if event.get("fail"):
        raise CannotCountError("told to fail")
    return event | {"n": event["n"] + 1}
