"""Tiers of blocks: each holds so many blocks of a size of its own, and a block that is begun is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from shared.domain.money import EXACT
from shared.domain.rating.charge_models.words import plain


@dataclass(frozen=True, slots=True)
class BlockTier:
    """`blocks` is how many blocks the tier itself holds, not counted from zero; None marks the last tier."""

    blocks: Decimal | None
    block_size: Decimal
    block_price: Decimal

    def __str__(self) -> str:
        blocks = "further blocks" if self.blocks is None else f"{plain(self.blocks)} blocks"
        return f"{blocks} of {plain(self.block_size)} at {plain(self.block_price)}"


def limits_of(tiers: Sequence[BlockTier]) -> list[Decimal | None]:
    """Return up to which quantity (inclusive) each tier goes, counted from zero."""
    holds = [EXACT.multiply(tier.blocks, tier.block_size) for tier in tiers if tier.blocks is not None]
    limits = list(accumulate(holds, EXACT.add))
    return [*limits, *[None] * (len(tiers) - len(limits))]


def begun(units: Decimal, size: Decimal) -> Decimal:
    """Return how many blocks the units begin."""
    full, rest = EXACT.divmod(units, size)
    return EXACT.add(full, 1) if rest else full
