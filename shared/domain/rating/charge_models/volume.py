"""Volume: the tier that the whole quantity reaches prices all of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.rating.charge_models.tiers import Tier, tier_label, tier_of
from shared.domain.rating.charge_models.words import without_usage
from shared.domain.rating.rated_charge import RatedPart


@dataclass(frozen=True, slots=True)
class Volume:
    tiers: tuple[Tier, ...]
    first_flat_without_usage: bool = True

    def __str__(self) -> str:
        return f"volume: {', '.join(map(str, self.tiers))}{without_usage(first_is_due=self.first_flat_without_usage)}"


def rate_volume(model: Volume, quantity: Decimal) -> Iterator[RatedPart]:
    """Raise QuantityBeyondTiersError when no tier takes so much."""
    limits = [tier.up_to for tier in model.tiers]
    place = tier_of(limits, quantity)
    tier = model.tiers[place]
    due = bool(quantity) or model.first_flat_without_usage
    yield RatedPart.of(
        f"all units in {tier_label(place, limits)}",
        quantity=quantity,
        unit_price=tier.unit_price,
        flat_amount=tier.flat_amount if due else Decimal(0),
    )
