"""Dynamic: an amount of money that events carry, times a factor: what was spent elsewhere, passed on with a margin."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.rating.charge_models.words import plain
from shared.domain.rating.rated_charge import RatedPart


@dataclass(frozen=True, slots=True)
class Dynamic:
    multiplier: Decimal

    def __str__(self) -> str:
        return f"amount x {plain(self.multiplier)}"


def rate_dynamic(model: Dynamic, amount: Decimal) -> Iterator[RatedPart]:
    yield RatedPart.of("amount of the events, times a factor", quantity=amount, unit_price=model.multiplier)
