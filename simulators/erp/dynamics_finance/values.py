"""How values look in this interface: dates at noon UTC, 1900 for none, enumerations by name, numbers above 2^32."""

from datetime import date
from decimal import Decimal
from typing import Any

from simulators.erp.dynamics_finance.dialect import bad_request

NO_DATE = "1900-01-01T12:00:00Z"
NAMESPACE = "Microsoft.Dynamics.DataEntities"

Row = dict[str, Any]


class EnumName(str):
    """A value of an enumeration; a filter has to name its type."""

    __slots__ = ()


NO, YES = EnumName("No"), EnumName("Yes")


def at_noon(day: date) -> str:
    return f"{day.isoformat()}T12:00:00Z"


def day_of(text: str) -> date:
    """Read a date as this interface has it, or as callers send it; raises a Refusal."""
    try:
        return date.fromisoformat(text[:10])
    except (TypeError, ValueError) as error:
        raise bad_request(f"'{text}' is no Edm.DateTimeOffset.") from error


def text(sent: Row, name: str, *, width: int = 1000) -> str:
    value = sent.get(name, "")
    if not isinstance(value, str):
        raise bad_request(f"Cannot convert a value to Edm.String for the property '{name}'.")
    if len(value) > width:
        raise bad_request(f"The value of '{name}' exceeds the maximum length of {width}.")
    return value


def number(sent: Row, name: str) -> Decimal:
    value = sent.get(name, Decimal(0))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise bad_request(f"Cannot convert a value to Edm.Decimal for the property '{name}'.")
    return Decimal(value)


def day(sent: Row, name: str, *, default: date | None) -> str:
    """Return the date at noon, or that of no date where there is none."""
    value = sent.get(name)
    if value is None:
        return NO_DATE if default is None else at_noon(default)
    return at_noon(day_of(value))


def yes_no(sent: Row, name: str) -> EnumName:
    value = sent.get(name, "No")
    if value not in {"No", "Yes"}:
        raise bad_request(f"'{value}' is no value of {NAMESPACE}.NoYes.")
    return EnumName(value)


def only_known(sent: Row, *, known: frozenset[str], entity: str) -> None:
    unknown = sorted(name for name in sent if name not in known and not name.startswith("@odata."))
    if unknown:
        raise bad_request(f"The property '{unknown[0]}' does not exist on type '{NAMESPACE}.{entity}'.")
