"""Credit balance: money that the customer has with us. It pays for what is left, last of all, until it is gone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.domain.identifiers import AdjustmentId, ProductId
from shared.domain.money import Money
from shared.domain.rating.adjustments.lines import (
    AdjustmentKind,
    Applied,
    Due,
    RatedAdjustment,
    of_line,
    positive_total,
    shares,
)
from shared.domain.time_period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalance:
    """In effect for billing periods that start in `valid`. What is drawn is booked on `product_id`."""

    adjustment_id: AdjustmentId
    valid: Period
    amount: Money
    product_id: ProductId

    def __str__(self) -> str:
        return f"balance of {self.amount.rounded()}"


def pay_from_balance(terms: CreditBalance, dues: Iterable[Due], used_before: Money) -> Iterator[RatedAdjustment]:
    dues = tuple(dues)
    left = terms.amount - used_before
    drawn = min(left, positive_total(dues, terms.amount.currency))
    if drawn.amount <= 0:
        return
    for due, share in shares(drawn, dues):
        yield of_line(
            due,
            Applied(adjustment_id=terms.adjustment_id, kind=AdjustmentKind.CREDIT_BALANCE, target=due.name),
            precise_amount=(-share).amount,
            terms=str(terms),
            arithmetic=f"paid from {left} that are left",
            product_id=terms.product_id,
        )
