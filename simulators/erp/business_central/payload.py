"""Reads what a caller sent, property by property: unknown names, wrong types and widths are refused."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from simulators.erp.business_central.dialect import bad_request, too_long


def only_known(payload: Mapping[str, Any], *, known: Iterable[str], entity: str) -> None:
    """Refuse a property that callers of this entity cannot set."""
    unknown = sorted(set(payload) - set(known))
    if unknown:
        raise bad_request(f"The property '{unknown[0]}' does not exist on type '{entity}', or is read-only.")


def text(payload: Mapping[str, Any], name: str, *, width: int) -> str:
    value = payload.get(name, "")
    if not isinstance(value, str):
        raise bad_request(f"The property '{name}' must be a string.")
    if len(value) > width:
        raise too_long(name, width)
    return value


def number(payload: Mapping[str, Any], name: str) -> Decimal:
    value = payload.get(name, Decimal(0))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise bad_request(f"The property '{name}' must be a number.")
    return Decimal(value)


def day(payload: Mapping[str, Any], name: str, *, default: date) -> date:
    value = payload.get(name)
    if value is None:
        return default
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise bad_request(f"The property '{name}' must be a date, YYYY-MM-DD.") from error
