"""Tryton's JSON: amounts, dates and times as objects that name their class."""

import base64
import binascii
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from simulators.http import exact_json


def dumps(value: object) -> bytes:
    return exact_json.dumps(_shown(value))


def loads(text: bytes) -> Any:  # noqa: ANN401 - JSON is any of six types
    """Read JSON; raises MalformedJsonError."""
    try:
        return _meant(exact_json.loads(text))
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise exact_json.MalformedJsonError(str(error)) from error


def from_url(text: str) -> Any:  # noqa: ANN401 - JSON is any of six types
    """Read JSON in URL-safe base64, as it comes in queries and in a header; raises MalformedJsonError."""
    try:
        return loads(base64.urlsafe_b64decode(text))
    except binascii.Error as error:
        raise exact_json.MalformedJsonError(str(error)) from error


def _shown(value: object) -> object:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": f"{value:f}"}
        case datetime():
            moment = value.astimezone(UTC)
            names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
            return {"__class__": "datetime", **{name: getattr(moment, name) for name in names}}
        case date():
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
        case dict():
            return {name: _shown(each) for name, each in value.items()}
        case list() | tuple():
            return [_shown(each) for each in value]
        case _:
            return value


def _meant(value: Any) -> Any:  # noqa: ANN401 - JSON is any of six types
    match value:
        case {"__class__": "Decimal"}:
            return Decimal(value["decimal"])
        case {"__class__": "datetime"}:
            names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
            return datetime(**{name: int(value[name]) for name in names}, tzinfo=UTC)
        case {"__class__": "date"}:
            return date(value["year"], value["month"], value["day"])
        case dict():
            return {name: _meant(each) for name, each in value.items()}
        case list():
            return [_meant(each) for each in value]
        case _:
            return value
