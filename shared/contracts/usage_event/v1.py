"""Usage contract 1, urn:usage-contract:usage:1: the customer is in the data, the quantity is called value."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.contracts.usage_event.json_values import refuse_unknown, require_text
from shared.contracts.usage_event.quantity import read_quantity

_FIELDS = frozenset({"customer", "meter", "value", "region", "unit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageV1:
    """`unit` may be sent and is not read: the catalogue's meter has the unit."""

    customer: str
    meter: str
    value: Decimal
    region: str | None


def read_v1(data: dict[str, Any]) -> UsageV1:
    refuse_unknown(data, _FIELDS)
    region, unit = data.get("region"), data.get("unit")
    if unit is not None:
        require_text(unit, "data.unit")
    return UsageV1(
        customer=require_text(data.get("customer"), "data.customer"),
        meter=require_text(data.get("meter"), "data.meter"),
        value=read_quantity(data.get("value"), "data.value"),
        region=None if region is None else require_text(region, "data.region"),
    )
