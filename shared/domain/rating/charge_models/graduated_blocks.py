"""Graduated blocks: units fill the tiers in order, and each tier bills the blocks that are begun in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.money import EXACT
from shared.domain.rating.charge_models.blocks import BlockTier, begun, limits_of
from shared.domain.rating.charge_models.tiers import tier_label, tier_of
from shared.domain.rating.charge_models.words import plain
from shared.domain.rating.rated_charge import RatedPart


@dataclass(frozen=True, slots=True)
class GraduatedBlocks:
    tiers: tuple[BlockTier, ...]

    def __str__(self) -> str:
        return f"graduated blocks: {', '.join(map(str, self.tiers))}"


def rate_graduated_blocks(model: GraduatedBlocks, quantity: Decimal) -> Iterator[RatedPart]:
    """Raise QuantityBeyondTiersError when no tier takes all of it."""
    limits = limits_of(model.tiers)
    lower = Decimal(0)
    for place in range(tier_of(limits, quantity) + 1):
        tier, limit = model.tiers[place], limits[place]
        upper = quantity if limit is None else min(quantity, limit)
        units = EXACT.subtract(upper, lower)
        yield RatedPart.of(
            f"{tier_label(place, limits)}, blocks of {plain(tier.block_size)} begun by {plain(units)} units",
            quantity=begun(units, tier.block_size),
            unit_price=tier.block_price,
            takes=units,
        )
        lower = upper
