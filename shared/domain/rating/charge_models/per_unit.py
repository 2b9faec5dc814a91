"""Per unit: every unit at one price."""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain.rating.charge_models.words import plain


@dataclass(frozen=True, slots=True)
class PerUnit:
    unit_price: Decimal

    def __str__(self) -> str:
        return f"{plain(self.unit_price)} each"
