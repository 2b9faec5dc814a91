"""Flat: one amount per whole billing period, whatever the usage."""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain.rating.charge_models.words import plain


@dataclass(frozen=True, slots=True)
class Flat:
    amount: Decimal

    def __str__(self) -> str:
        return f"flat {plain(self.amount)}"
