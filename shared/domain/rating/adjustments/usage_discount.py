"""Usage discount: units that are free of charge, taken off before the charge model prices the rest."""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain.identifiers import AdjustmentId
from shared.domain.money import EXACT
from shared.domain.rating.charge_models.words import plain
from shared.domain.time_period import Period

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageDiscount:
    """A number of units, or a percentage of the units, of each billing period. Not prorated."""

    adjustment_id: AdjustmentId
    valid: Period
    units: Decimal = Decimal(0)
    percent: Decimal = Decimal(0)

    def __str__(self) -> str:
        return f"{plain(self.percent)} % of the units free" if self.percent else f"{plain(self.units)} units free"


def free_units(terms: UsageDiscount, quantity: Decimal) -> Decimal:
    """Return how many of the units are free; never more than there are."""
    share = EXACT.divide(EXACT.multiply(quantity, terms.percent), HUNDRED)
    return max(Decimal(0), min(quantity, EXACT.add(terms.units, share)))
