"""Fixed discount, or coupon: an amount off each billing period, split over the lines that it concerns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.domain.identifiers import AdjustmentId, ChargeId
from shared.domain.money import Money
from shared.domain.rating.adjustments.lines import (
    AdjustmentKind,
    Applied,
    Due,
    RatedAdjustment,
    Scope,
    concerned,
    of_line,
    positive_total,
    shares,
)
from shared.domain.time_period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedDiscount:
    """In force as a percentage discount is. What is greater than the lines it concerns is lost, not carried on."""

    adjustment_id: AdjustmentId
    valid: Period
    amount: Money
    charges: tuple[ChargeId, ...] = ()
    billing_periods: int | None = None

    def __str__(self) -> str:
        return f"{self.amount.rounded()} off"


def fixed_discount(terms: FixedDiscount, dues: Iterable[Due], scope: Scope) -> Iterator[RatedAdjustment]:
    over = concerned(dues, terms.charges)
    whole = positive_total(over, scope.currency)
    taken = min(terms.amount.rounded(), whole)
    for due, share in shares(taken, over):
        yield of_line(
            due,
            Applied(adjustment_id=terms.adjustment_id, kind=AdjustmentKind.FIXED_DISCOUNT, target=due.name),
            precise_amount=(-share).amount,
            terms=str(terms),
            arithmetic=f"share of {taken}, as {due.amount} of {whole}",
        )
