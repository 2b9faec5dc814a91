"""Graduated: each tier prices its own part of the quantity."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Tier:
    """Units above the tier before and up to `up_to` (inclusive; None marks the last tier).

    `flat_amount` is due once the tier is entered; that of the first tier also without usage.
    """

    up_to: Decimal | None
    unit_price: Decimal
    flat_amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Graduated:
    tiers: tuple[Tier, ...]
