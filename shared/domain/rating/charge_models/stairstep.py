"""Stairstep: one amount for the step that the whole quantity reaches, however far."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.rating.charge_models.tiers import tier_label, tier_of
from shared.domain.rating.charge_models.words import plain, reach, without_usage
from shared.domain.rating.rated_charge import RatedPart


@dataclass(frozen=True, slots=True)
class Step:
    """A quantity above the step before and up to `up_to` (inclusive; None marks the last step)."""

    up_to: Decimal | None
    amount: Decimal

    def __str__(self) -> str:
        return f"{reach(self.up_to)} {plain(self.amount)}"


@dataclass(frozen=True, slots=True)
class Stairstep:
    steps: tuple[Step, ...]
    first_flat_without_usage: bool = True

    def __str__(self) -> str:
        return (
            f"stairstep: {', '.join(map(str, self.steps))}{without_usage(first_is_due=self.first_flat_without_usage)}"
        )


def rate_stairstep(model: Stairstep, quantity: Decimal) -> Iterator[RatedPart]:
    """Raise QuantityBeyondTiersError when no step goes so far."""
    limits = [step.up_to for step in model.steps]
    place = tier_of(limits, quantity)
    due = bool(quantity) or model.first_flat_without_usage
    yield RatedPart.of(
        tier_label(place, limits, name="step"),
        quantity=quantity,
        flat_amount=model.steps[place].amount if due else Decimal(0),
    )
