"""Maximum spend: what lies above an agreed amount per billing period is taken off again, line by line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.domain.identifiers import AdjustmentId, ChargeId
from shared.domain.money import Currency, Money, total
from shared.domain.rating.adjustments.lines import (
    AdjustmentKind,
    Applied,
    Due,
    RatedAdjustment,
    Scope,
    concerned,
    of_line,
    shares,
)
from shared.domain.time_period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum:
    """In force and prorated as a minimum is. One of a charge has an amount per currency."""

    adjustment_id: AdjustmentId
    valid: Period
    amounts: tuple[Money, ...]
    charges: tuple[ChargeId, ...] = ()

    def amount_in(self, currency: Currency) -> Money | None:
        return next((amount for amount in self.amounts if amount.currency == currency), None)


def maximum(terms: Maximum, dues: Iterable[Due], scope: Scope) -> Iterator[RatedAdjustment]:
    agreed = terms.amount_in(scope.currency)
    if agreed is None:
        return
    over = concerned(dues, terms.charges)
    most, spent = scope.prorated(agreed), total((due.amount for due in over), scope.currency)
    if most < spent:
        for due, share in shares(spent - most, over):
            yield of_line(
                due,
                Applied(
                    adjustment_id=terms.adjustment_id,
                    kind=AdjustmentKind.MAXIMUM,
                    target=due.name,
                    of_charge=scope.of_charge,
                ),
                precise_amount=(-share).amount,
                terms=f"at most {agreed.rounded()}",
                arithmetic=f"share of {spent} less {most}{scope.for_share()}",
            )
