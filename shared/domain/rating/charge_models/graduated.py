"""Graduated: each tier prices its own part of the quantity."""

from dataclasses import dataclass, field
from decimal import Decimal

from shared.domain.rating.charge_models.tiers import Ladder, Tier
from shared.domain.rating.charge_models.words import without_usage
from shared.domain.rating.rated_charge import RatedPart


@dataclass(frozen=True, slots=True)
class Graduated:
    """`first_flat_without_usage`: whether the first tier's flat amount is due in a period without any usage."""

    tiers: tuple[Tier, ...]
    first_flat_without_usage: bool = True
    ladder: Ladder = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ladder", Ladder(self.tiers))

    def __str__(self) -> str:
        return (
            f"graduated: {', '.join(map(str, self.tiers))}{without_usage(first_is_due=self.first_flat_without_usage)}"
        )


def rate_graduated(model: Graduated, quantity: Decimal) -> tuple[RatedPart, ...]:
    """Raise QuantityBeyondTiersError when no tier takes all of it."""
    if quantity or model.first_flat_without_usage:
        return model.ladder.climb(quantity)
    return model.ladder.without_usage()
