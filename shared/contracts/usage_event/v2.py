"""Usage contract 2, urn:usage-contract:usage:2: who used it is the event's subject; dimensions are open."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.contracts.usage_event.faults import ContractError, shown
from shared.contracts.usage_event.json_values import refuse_unknown, require_object, require_text, violation
from shared.contracts.usage_event.quantity import read_quantity
from shared.domain.usage.event import Dimensions

MAX_DIMENSIONS = 16
_FIELDS = frozenset({"meter", "quantity", "unique_key", "dimensions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageV2:
    subject: str
    meter: str
    quantity: Decimal
    unique_key: str | None
    dimensions: Dimensions


def read_v2(data: dict[str, Any], subject: object) -> UsageV2:
    """Read contract 2. A quantity that is left out is 1; one that is null is a fault, not 1."""
    refuse_unknown(data, _FIELDS)
    unique_key = data.get("unique_key")
    return UsageV2(
        subject=require_text(subject, "subject"),
        meter=require_text(data.get("meter"), "data.meter"),
        quantity=read_quantity(data["quantity"], "data.quantity") if "quantity" in data else Decimal(1),
        unique_key=None if unique_key is None else require_text(unique_key, "data.unique_key"),
        dimensions=_read_dimensions(data["dimensions"]) if "dimensions" in data else (),
    )


def _read_dimensions(value: object) -> Dimensions:
    dimensions = require_object(value, "data.dimensions")
    if len(dimensions) > MAX_DIMENSIONS:
        violation(f"data.dimensions has {len(dimensions)} names, {MAX_DIMENSIONS} at most")
    return tuple(_read_dimension(name, text) for name, text in sorted(dimensions.items()))


def _read_dimension(name: str, value: object) -> tuple[str, str]:
    try:
        return require_text(name, "its name"), require_text(value, "its value", may_be_empty=True)
    except ContractError as error:
        raise ContractError(error.code, f"the dimension {shown(name)}: {error.reason}") from None
