"""Tiers: limits that are inclusive and counted from zero, and which of them a quantity reaches."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from shared.domain.money import EXACT, exact_sum
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
    raise beyond(quantity, limits[-1])


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

    __slots__ = ("_limits", "_lines", "_passed", "_tiers")

    def __init__(self, tiers: Sequence[PricedTier]) -> None:
        limits = [tier.up_to for tier in tiers]
        self._limits = [limit for limit in limits if limit is not None]
        self._tiers = [
            (tier_label(place, limits), lower, tier.unit_price, tier.flat_amount)
            for place, (tier, lower) in enumerate(zip(tiers, [_ZERO, *self._limits], strict=False))
        ]
        passed = [self._part(place, limit) for place, limit in enumerate(self._limits)]
        self._passed = [tuple(passed[:place]) for place in range(len(self._tiers))]
        # Within a tier the amount is a straight line: price x quantity, and what all before it comes to on top.
        self._lines = [
            (price, EXACT.subtract(exact_sum((flat, *(part.amount for part in before))), EXACT.multiply(lower, price)))
            for before, (_, lower, price, flat) in zip(self._passed, self._tiers, strict=True)
        ]

    def climb(self, quantity: Decimal) -> tuple[RatedPart, ...]:
        """Return a part for each tier that a quantity enters, the first one always."""
        place = self._place(quantity)
        return (*self._passed[place], self._part(place, quantity))

    def amount(self, quantity: Decimal) -> Decimal:
        """Return what these parts sum to, without them."""
        price, on_top = self._lines[self._place(quantity)]
        return EXACT.fma(quantity, price, on_top)

    def without_usage(self) -> tuple[RatedPart, ...]:
        """Return the first tier with nothing in it and nothing due."""
        label, _, price, _ = self._tiers[0]
        return (RatedPart.of(label, quantity=_ZERO, unit_price=price),)

    def _place(self, quantity: Decimal) -> int:
        place = bisect_left(self._limits, quantity)
        if place == len(self._tiers):
            raise beyond(quantity, self._limits[-1])
        return place

    def _part(self, place: int, upper: Decimal) -> RatedPart:
        label, lower, price, flat = self._tiers[place]
        units = EXACT.subtract(upper, lower)
        return RatedPart(label, units, price, flat, EXACT.fma(units, price, flat))
