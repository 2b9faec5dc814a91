"""Reads what a caller sent, attribute by attribute: unknown names, wrong types and widths are refused."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from simulators.erp.oracle_fusion.dialect import bad_request, too_long


def only_known(payload: Mapping[str, Any], *, known: Iterable[str], resource: str) -> None:
    """Refuse an attribute that callers of this resource cannot set."""
    unknown = sorted(set(payload) - set(known))
    if unknown:
        raise bad_request(f"The attribute {unknown[0]} is not an attribute of {resource}, or is read-only.")


def text(payload: Mapping[str, Any], name: str, *, width: int) -> str:
    value = payload.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise bad_request(f"The attribute {name} must be a string.")
    if len(value) > width:
        raise too_long(name, width)
    return value


def number(payload: Mapping[str, Any], name: str) -> Decimal:
    value = payload.get(name, Decimal(0))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise bad_request(f"The attribute {name} must be a number.")
    return Decimal(value)


def day(payload: Mapping[str, Any], name: str, *, default: date) -> date:
    value = payload.get(name)
    if value is None:
        return default
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise bad_request(f"The attribute {name} must be a date, YYYY-MM-DD.") from error


def rows(payload: Mapping[str, Any], name: str, *, most: int) -> list[dict[str, Any]]:
    """Return the child rows of a name; none where it was not sent."""
    value = payload.get(name, [])
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise bad_request(f"{name} must be a list of objects.")
    if len(value) > most:
        raise bad_request(f"{name} may have {most} rows in one payload.")
    return value
