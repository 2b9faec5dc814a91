"""JSON whose numbers are Decimals both ways: an amount never passes through a binary float."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn


class MalformedReplyError(ValueError):
    """The text is not JSON, or not one JSON object where one is due."""


def write_json(value: object) -> str:
    """Return JSON text with Decimals written digit by digit; raises TypeError for a float, as for any other type."""
    match value:
        case None | bool() | str() | int():
            return json.dumps(value)
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case Mapping():
            return "{" + ",".join(f"{json.dumps(str(key))}:{write_json(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(write_json(each) for each in value) + "]"
        case _:
            raise TypeError(f"cannot write {type(value).__name__} as exact JSON")


def read_json(text: bytes) -> Any:  # noqa: ANN401 - JSON may be anything
    """Return any JSON value with its numbers as int and Decimal; raises MalformedReplyError."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedReplyError(f"not JSON: {type(error).__name__}") from None


def read_object(text: bytes) -> dict[str, Any]:
    """Return a JSON object with its numbers as int and Decimal; raises MalformedReplyError."""
    value = read_json(text)
    if not isinstance(value, dict):
        raise MalformedReplyError("not a JSON object")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
