"""Graduated: each tier prices its own part of the quantity."""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain.rating.charge_models.words import plain


@dataclass(frozen=True, slots=True)
class Tier:
    """Units above the tier before and up to `up_to` (inclusive; None marks the last tier).

    `flat_amount` is due once the tier is entered; that of the first tier also without usage.
    """

    up_to: Decimal | None
    unit_price: Decimal
    flat_amount: Decimal = Decimal(0)

    def __str__(self) -> str:
        units = "above" if self.up_to is None else f"to {plain(self.up_to)}"
        flat = f" and {plain(self.flat_amount)}" if self.flat_amount else ""
        return f"{units} {plain(self.unit_price)} each{flat}"


@dataclass(frozen=True, slots=True)
class Graduated:
    tiers: tuple[Tier, ...]

    def __str__(self) -> str:
        return f"graduated: {', '.join(map(str, self.tiers))}"
