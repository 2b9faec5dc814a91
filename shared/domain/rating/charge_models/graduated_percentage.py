"""Graduated percentage: each tier takes its own share of the part of the amount that lies in it."""

from dataclasses import dataclass, field
from decimal import Decimal

from shared.domain.rating.charge_models.tiers import Ladder
from shared.domain.rating.charge_models.words import percent, plain, reach, without_usage
from shared.domain.rating.rated_charge import RatedPart


@dataclass(frozen=True, slots=True)
class RateTier:
    """A tier of an amount of money; `rate` is a fraction (0.02) of what lies in it."""

    up_to: Decimal | None
    rate: Decimal
    flat_amount: Decimal = Decimal(0)

    @property
    def unit_price(self) -> Decimal:
        """What one unit of currency costs."""
        return self.rate

    def __str__(self) -> str:
        flat = f" and {plain(self.flat_amount)}" if self.flat_amount else ""
        return f"{reach(self.up_to)} {percent(self.rate)}{flat}"


@dataclass(frozen=True, slots=True)
class GraduatedPercentage:
    tiers: tuple[RateTier, ...]
    first_flat_without_usage: bool = True
    ladder: Ladder = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ladder", Ladder(self.tiers))

    def __str__(self) -> str:
        tiers = ", ".join(map(str, self.tiers))
        return f"graduated percentage: {tiers}{without_usage(first_is_due=self.first_flat_without_usage)}"


def rate_graduated_percentage(model: GraduatedPercentage, amount: Decimal) -> tuple[RatedPart, ...]:
    """Raise QuantityBeyondTiersError when no tier takes all of it."""
    if amount or model.first_flat_without_usage:
        return model.ladder.climb(amount)
    return model.ladder.without_usage()
