"""JSON without floats: every fraction is read as a Decimal and written back digit by digit."""

import json
from decimal import Decimal
from typing import Any


class MalformedJsonError(ValueError):
    """The text is no JSON, nests too deeply, or holds NaN or Infinity."""


def loads(text: bytes) -> Any:  # noqa: ANN401 - JSON is any of six types
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedJsonError(str(error)) from error


def dumps(value: object) -> bytes:
    return _text(value).encode()


def _text(value: object) -> str:
    match value:
        case Decimal():
            return format(value, "f")
        case dict():
            return "{" + ",".join(f"{json.dumps(key)}:{_text(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(_text(item) for item in value) + "]"
        case _:
            return json.dumps(value, allow_nan=False)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
