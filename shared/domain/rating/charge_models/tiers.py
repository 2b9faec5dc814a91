"""Tiers: limits that are inclusive and counted from zero, and which of them a quantity reaches."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from shared.domain.money import EXACT
from shared.domain.rating.charge_models.words import plain, reach
from shared.domain.rating.rated_charge import RatedPart

_ZERO = Decimal(0)


class QuantityBeyondTiersError(ValueError):
    """The last tier has an end and the quantity lies above it: a part of it would go unbilled."""


@dataclass(frozen=True, slots=True)
class Tier:
    """Units above the tier before and up to `up_to` (inclusive; None marks the last tier).

    `flat_amount` is due once the tier is entered; that of the first tier also without usage, unless the model says no.
    """

    up_to: Decimal | None
    unit_price: Decimal
    flat_amount: Decimal = Decimal(0)

    def __str__(self) -> str:
        flat = f" and {plain(self.flat_amount)}" if self.flat_amount else ""
        return f"{reach(self.up_to)} {plain(self.unit_price)} each{flat}"


class PricedTier(Protocol):
    """A tier whose every unit costs the same."""

    @property
    def up_to(self) -> Decimal | None: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def flat_amount(self) -> Decimal: ...


def tier_of(limits: Sequence[Decimal | None], quantity: Decimal) -> int:
    """Return the place of the tier that a quantity reaches; raise QuantityBeyondTiersError if none goes so far."""
    for place, limit in enumerate(limits):
        if limit is None or quantity <= limit:
            return place
    raise beyond(quantity, limits[-1] if limits else None)


def beyond(quantity: Decimal, limit: Decimal | None) -> QuantityBeyondTiersError:
    return QuantityBeyondTiersError(f"no tier takes the units of {quantity:f} above {limit or _ZERO:f}")


def tier_label(place: int, limits: Sequence[Decimal | None], *, name: str = "tier") -> str:
    """Name a tier by its number and its limits: "tier 2: above 100 to 200"."""
    lower = limits[place - 1] if place else None
    upper = limits[place]
    above = f" above {lower:f}" if lower else ""
    up_to = f" to {upper:f}" if upper is not None else ""
    return f"{name} {place + 1}:{above}{up_to}" if above or up_to else f"{name} {place + 1}"


class Ladder:
    """Tiers that are climbed in order. What a tier costs that is passed whole is always the same: worked out once."""

    __slots__ = ("_labels", "_limits", "_lowers", "_passed", "_tiers")

    def __init__(self, tiers: Sequence[PricedTier]) -> None:
        limits = [tier.up_to for tier in tiers]
        self._tiers = tiers
        self._limits = [limit for limit in limits if limit is not None]
        self._lowers = [_ZERO, *self._limits]
        self._labels = [tier_label(place, limits) for place in range(len(limits))]
        self._passed = tuple(
            self._part(place, EXACT.subtract(limit, lower))
            for place, (lower, limit) in enumerate(zip(self._lowers, self._limits, strict=False))
        )

    def climb(self, quantity: Decimal) -> tuple[RatedPart, ...]:
        """Return a part for each tier that a quantity enters, the first one always."""
        place = bisect_left(self._limits, quantity)
        if place == len(self._tiers):
            raise beyond(quantity, self._limits[-1] if self._limits else None)
        return (*self._passed[:place], self._part(place, EXACT.subtract(quantity, self._lowers[place])))

    def without_usage(self) -> tuple[RatedPart, ...]:
        """Return the first tier with nothing in it and nothing due."""
        return (RatedPart.of(self._labels[0], quantity=_ZERO, unit_price=self._tiers[0].unit_price),)

    def _part(self, place: int, units: Decimal) -> RatedPart:
        tier = self._tiers[place]
        price, flat = tier.unit_price, tier.flat_amount
        return RatedPart(self._labels[place], units, price, flat, EXACT.fma(units, price, flat))
