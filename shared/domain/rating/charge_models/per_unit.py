"""Per unit: every unit at one price."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PerUnit:
    unit_price: Decimal
