"""Stairstep by unit: one amount for the highest step that any kind of unit reaches. Kinds are values of a dimension."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.rating.charge_models.tiers import QuantityBeyondTiersError, tier_of
from shared.domain.rating.charge_models.words import plain, reach, without_usage
from shared.domain.rating.rated_charge import RatedPart
from shared.domain.rating.usage import UnitQuantities


@dataclass(frozen=True, slots=True)
class UnitStep:
    """`up_to` says for each kind of unit how far the step goes (inclusive; None: without end), in order of names."""

    up_to: tuple[tuple[str, Decimal | None], ...]
    amount: Decimal

    def __str__(self) -> str:
        limits = " and ".join(f"{unit} {reach(limit)}" for unit, limit in self.up_to)
        return f"{limits} {plain(self.amount)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StairstepByUnit:
    dimension: str
    steps: tuple[UnitStep, ...]
    first_flat_without_usage: bool = True

    @property
    def limits(self) -> Mapping[str, list[Decimal | None]]:
        """Return how far the steps go for each kind of unit, in their order."""
        limits: dict[str, list[Decimal | None]] = {}
        for step in self.steps:
            for unit, limit in step.up_to:
                limits.setdefault(unit, []).append(limit)
        return limits

    def __str__(self) -> str:
        steps = ", ".join(map(str, self.steps))
        return f"stairstep by {self.dimension}: {steps}{without_usage(first_is_due=self.first_flat_without_usage)}"


def rate_stairstep_by_unit(model: StairstepByUnit, usage: UnitQuantities) -> Iterator[RatedPart]:
    """Raise QuantityBeyondTiersError when no step goes so far, or names the unit at all."""
    limits = model.limits
    highest = 0
    for unit, quantity in usage.each:
        if unit not in limits:
            raise QuantityBeyondTiersError(f"no step names {model.dimension} {unit}")
        highest = max(highest, tier_of(limits[unit], quantity))
    for unit, quantity in usage.each:
        yield RatedPart.of(f"{unit} reaches step {tier_of(limits[unit], quantity) + 1}", quantity=quantity)
    due = any(quantity for _, quantity in usage.each) or model.first_flat_without_usage
    yield RatedPart.of(
        f"step {highest + 1}",
        quantity=Decimal(0),
        flat_amount=model.steps[highest].amount if due else Decimal(0),
    )
