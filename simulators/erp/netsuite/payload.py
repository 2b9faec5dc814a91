"""Reads what a caller sent: references, numbers and dates, and names that no record has."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from simulators.erp.netsuite.books import RecordStore
from simulators.erp.netsuite.dialect import business_rule, invalid_content
from simulators.http.exchange import Call

EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
DIGITS_MAX = 15
STRICT_NAMES = "x-netsuite-propertynamevalidation"


def warnings_of(call: Call, fields: Mapping[str, Any], *, known: Iterable[str], path: str = "") -> list[str]:
    """Return warnings of unknown names, which are ignored; refuse them where the caller asked for that."""
    unknown = [f"{path}{name}" for name in fields if name not in set(known)]
    if unknown and call.headers.get(STRICT_NAMES, "").lower() == "error":
        raise invalid_content(f"Unknown property name: {unknown[0]}.", path=unknown[0])
    return unknown


def external_id(fields: Mapping[str, Any], store: RecordStore) -> str:
    value = fields.get("externalId", "")
    if value and not (isinstance(value, str) and EXTERNAL_ID.fullmatch(value)):
        raise invalid_content("An external id has letters, digits, _ and - only.", path="externalId")
    store.refuse_duplicate(value)
    return str(value)


def reference(fields: Mapping[str, Any], name: str, *, path: str | None = None) -> dict[str, Any]:
    """Return a reference object that must be there."""
    value = fields.get(name)
    if value is None:
        raise business_rule(f"Please enter value(s) for: {name}.", path=path or name)
    if not isinstance(value, dict) or not (value.get("id") or value.get("externalId")):
        raise invalid_content(f"{name} must be an object with an id or an externalId.", path=path or name)
    return value


def internal_id(fields: Mapping[str, Any], name: str, *, path: str | None = None) -> str:
    return str(reference(fields, name, path=path).get("id", ""))


def rows(fields: Mapping[str, Any], sublist: str) -> list[dict[str, Any]]:
    """Return the items of a sublist; one that is not sent has none."""
    value = fields.get(sublist, {"items": []})
    items = value.get("items") if isinstance(value, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise invalid_content(f"{sublist} must be an object with a list of items.", path=sublist)
    return items


def number(fields: Mapping[str, Any], name: str, *, path: str) -> Decimal | None:
    """Return a number, None where it is not sent; one of more than 15 digits is refused."""
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid_content(f"{name} must be a number.", path=path)
    if len(Decimal(value).as_tuple().digits) > DIGITS_MAX:
        raise invalid_content(f"{name} has more than {DIGITS_MAX} digits.", path=path)
    return Decimal(value)


def day(fields: Mapping[str, Any], name: str, *, default: date) -> date:
    value = fields.get(name)
    if value is None:
        return default
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise invalid_content(f"{name} must be a date, YYYY-MM-DD.", path=name) from error
