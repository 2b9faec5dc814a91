"""Flat: one amount per whole billing period, whatever the usage."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Flat:
    amount: Decimal
