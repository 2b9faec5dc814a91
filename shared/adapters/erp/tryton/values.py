"""Tryton's JSON: amounts, dates and times are objects that name their class; what is read must be what was meant."""

import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from shared.adapters.http.exact_json import MalformedReplyError, read_json, write_json


def sent(value: object) -> object:
    """Return a value with its amounts, dates and times (UTC) as Tryton's objects."""
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": f"{value:f}"}
        case datetime():
            clock = value.astimezone(UTC)
            parts = {part: getattr(clock, part) for part in ("hour", "minute", "second", "microsecond")}
            return {"__class__": "datetime", "year": clock.year, "month": clock.month, "day": clock.day, **parts}
        case date():
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
        case Mapping():
            return {str(name): sent(each) for name, each in value.items()}
        case list() | tuple():
            return [sent(each) for each in value]
        case _:
            return value


def received(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return a value with Tryton's objects as amounts, dates and times (UTC); raises ValueError or KeyError."""
    match value:
        case {"__class__": "Decimal"}:
            return Decimal(value["decimal"])
        case {"__class__": "datetime"}:
            hour, minute, second, micro = (int(value[part]) for part in ("hour", "minute", "second", "microsecond"))
            day = date(int(value["year"]), int(value["month"]), int(value["day"]))
            return datetime.combine(day, time(hour, minute, second, micro), UTC)
        case {"__class__": "date"}:
            return date(int(value["year"]), int(value["month"]), int(value["day"]))
        case dict():
            return {name: received(each) for name, each in value.items()}
        case list():
            return [received(each) for each in value]
        case _:
            return value


def read(text: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Read a reply, whatever its outermost value; raises MalformedReplyError."""
    try:
        return received(read_json(text))
    except MalformedReplyError:
        raise
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise MalformedReplyError(f"not Tryton's JSON: {type(error).__name__}") from None


def in_url(value: object) -> str:
    """Return a value as Tryton takes it in a query and in a header: JSON in URL-safe base64."""
    return base64.urlsafe_b64encode(write_json(sent(value)).encode()).decode("ascii")


def as_json(value: object) -> bytes:
    return write_json(sent(value)).encode()
