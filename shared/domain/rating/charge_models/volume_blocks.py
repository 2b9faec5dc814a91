"""Volume blocks: the tier that the whole quantity reaches bills all of it, by the blocks that are begun."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.rating.charge_models.blocks import BlockTier, begun, limits_of
from shared.domain.rating.charge_models.tiers import tier_label, tier_of
from shared.domain.rating.charge_models.words import plain
from shared.domain.rating.rated_charge import RatedPart


@dataclass(frozen=True, slots=True)
class VolumeBlocks:
    tiers: tuple[BlockTier, ...]

    def __str__(self) -> str:
        return f"volume blocks: {', '.join(map(str, self.tiers))}"


def rate_volume_blocks(model: VolumeBlocks, quantity: Decimal) -> Iterator[RatedPart]:
    """Raise QuantityBeyondTiersError when no tier takes so much."""
    limits = limits_of(model.tiers)
    place = tier_of(limits, quantity)
    tier = model.tiers[place]
    units = plain(quantity)
    yield RatedPart.of(
        f"all units in {tier_label(place, limits)}, blocks of {plain(tier.block_size)} begun by {units} units",
        quantity=begun(quantity, tier.block_size),
        unit_price=tier.block_price,
        takes=quantity,
    )
