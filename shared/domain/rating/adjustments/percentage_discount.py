"""Percentage discount: so many percent off each line, each rounded by itself; off a credit, they are taken back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.identifiers import AdjustmentId, ChargeId
from shared.domain.money import EXACT, Money
from shared.domain.rating.adjustments.lines import (
    AdjustmentKind,
    Applied,
    Due,
    RatedAdjustment,
    Scope,
    concerned,
    of_line,
)
from shared.domain.rating.charge_models.words import plain
from shared.domain.time_period import Period

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentageDiscount:
    """In force on the first day of a billing period, for the first `billing_periods` of them if that is set.

    One of a contract may be limited to `charges`.
    """

    adjustment_id: AdjustmentId
    valid: Period
    percent: Decimal
    charges: tuple[ChargeId, ...] = ()
    billing_periods: int | None = None

    def __str__(self) -> str:
        return f"{plain(self.percent)} % off"


def percentage_discount(terms: PercentageDiscount, dues: Iterable[Due], scope: Scope) -> Iterator[RatedAdjustment]:
    for due in concerned(dues, terms.charges):
        precise = EXACT.divide(EXACT.multiply(due.amount.amount, terms.percent), HUNDRED)
        if Money(precise, scope.currency).rounded().amount:
            yield of_line(
                due,
                Applied(
                    adjustment_id=terms.adjustment_id,
                    kind=AdjustmentKind.PERCENTAGE_DISCOUNT,
                    target=due.name,
                    of_charge=scope.of_charge,
                ),
                precise_amount=EXACT.minus(precise),
                terms=str(terms),
                arithmetic=f"{plain(terms.percent)} % of {due.amount}",
            )
