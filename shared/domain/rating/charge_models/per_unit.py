"""Per unit: every unit at one price."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.rating.charge_models.words import plain
from shared.domain.rating.rated_charge import RatedPart


@dataclass(frozen=True, slots=True)
class PerUnit:
    unit_price: Decimal

    def __str__(self) -> str:
        return f"{plain(self.unit_price)} each"


def rate_per_unit(model: PerUnit, quantity: Decimal) -> Iterator[RatedPart]:
    yield RatedPart.of("per unit", quantity=quantity, unit_price=model.unit_price)
