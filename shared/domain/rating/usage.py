"""Usage in the form in which a charge model takes it: a quantity, or what a quantity alone would not tell."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from shared.domain.metering.exact_quantity import as_quantity
from shared.domain.metering.levels import LevelChange
from shared.domain.metering.transactions import Transaction
from shared.domain.money import exact_sum


@dataclass(frozen=True, slots=True)
class Transactions:
    """Each transaction by itself, in order of (time, source, id); their amounts are in the contract's currency."""

    each: tuple[Transaction, ...] = ()

    @property
    def quantity(self) -> Decimal:
        return exact_sum(one.amount for one in self.each)


@dataclass(frozen=True, slots=True)
class LevelChanges:
    """How a level moved, in order of time; it starts at zero and never falls below."""

    each: tuple[LevelChange, ...] = ()

    @property
    def quantity(self) -> Decimal:
        return as_quantity(sum((Fraction(one.units) * one.share for one in self.each), Fraction(0)))


@dataclass(frozen=True, slots=True)
class UnitQuantities:
    """How much there was of each kind of unit, in order of their names."""

    each: tuple[tuple[str, Decimal], ...] = ()

    @property
    def quantity(self) -> Decimal:
        return exact_sum(quantity for _, quantity in self.each)


ChargedUsage: TypeAlias = Decimal | Transactions | LevelChanges | UnitQuantities


def quantity_of_usage(usage: ChargedUsage) -> Decimal:
    """Return how much it is in all, in the meter's unit: what the invoice line says."""
    return usage if isinstance(usage, Decimal) else usage.quantity


def is_nothing(usage: ChargedUsage) -> bool:
    """Whether there was no usage at all; transactions of zero are some."""
    return not (usage.each if isinstance(usage, Transactions) else quantity_of_usage(usage))
