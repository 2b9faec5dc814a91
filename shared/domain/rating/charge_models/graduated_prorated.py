"""Graduated, prorated: units climb the tiers one for one, and pay for the share of the period for which they are there.

A unit that goes leaves the tier that it is in, highest first. The flat amount of a tier is due in full once the level
was ever in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

from shared.domain.metering.exact_quantity import as_quantity
from shared.domain.metering.levels import LevelChange
from shared.domain.money import EXACT
from shared.domain.rating.charge_models.tiers import Tier, tier_label, tier_of
from shared.domain.rating.charge_models.words import without_usage
from shared.domain.rating.rated_charge import RatedPart
from shared.domain.rating.usage import LevelChanges

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class GraduatedProrated:
    tiers: tuple[Tier, ...]
    first_flat_without_usage: bool = True

    def __str__(self) -> str:
        tiers = ", ".join(map(str, self.tiers))
        return f"graduated, by share of the period: {tiers}{without_usage(first_is_due=self.first_flat_without_usage)}"


def rate_graduated_prorated(model: GraduatedProrated, usage: LevelChanges) -> Iterator[RatedPart]:
    """Raise QuantityBeyondTiersError when the level was ever above all tiers."""
    limits = [tier.up_to for tier in model.tiers]
    levels = [_ZERO, *accumulate((change.units for change in usage.each), EXACT.add)]
    entered = tier_of(limits, max(levels))
    due = any(levels) or model.first_flat_without_usage
    # Rounded where they add up and not one by one: their sum is the quantity of the line.
    reached = accumulate(_held(place, limits, levels, usage.each) for place in range(entered + 1))
    for place, (before, after) in enumerate(pairwise([_ZERO, *map(as_quantity, reached)])):
        tier = model.tiers[place]
        yield RatedPart.of(
            f"{tier_label(place, limits)}, by share of the period",
            quantity=EXACT.subtract(after, before),
            unit_price=tier.unit_price,
            flat_amount=tier.flat_amount if due else _ZERO,
        )


def _held(
    place: int, limits: Sequence[Decimal | None], levels: Sequence[Decimal], changes: Sequence[LevelChange]
) -> Fraction:
    """Return the units in a tier, each times its share of the period: as much as the level moved between its limits."""
    lower = limits[place - 1] if place else _ZERO
    inside = [_within(level, lower or _ZERO, limits[place]) for level in levels]
    moved = (Fraction(after) - Fraction(before) for before, after in pairwise(inside))
    return sum((units * change.share for units, change in zip(moved, changes, strict=True)), Fraction(0))


def _within(level: Decimal, lower: Decimal, upper: Decimal | None) -> Decimal:
    capped = level if upper is None else min(level, upper)
    return max(capped, lower)
