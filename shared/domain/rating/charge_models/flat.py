"""Flat: one amount per whole billing period, whatever the usage."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.rating.charge_models.words import plain
from shared.domain.rating.rated_charge import RatedPart


@dataclass(frozen=True, slots=True)
class Flat:
    amount: Decimal

    def __str__(self) -> str:
        return f"flat {plain(self.amount)}"


def rate_flat(model: Flat, quantity: Decimal) -> Iterator[RatedPart]:
    yield RatedPart.of("flat", quantity=quantity, flat_amount=model.amount)
