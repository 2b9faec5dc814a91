"""Minimum spend: what is missing to an agreed amount per billing period is due on a line of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId
from shared.domain.money import Currency, Money, total
from shared.domain.rating.adjustments.lines import AdjustmentKind, Due, RatedAdjustment, Scope, concerned, of_scope
from shared.domain.time_period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """In force on the first day of a billing period; prorated by local days where only a part of it was active.

    One of a charge has an amount per currency. `product_id` is that of the missing amount's line.
    """

    adjustment_id: AdjustmentId
    valid: Period
    amounts: tuple[Money, ...]
    product_id: ProductId
    charges: tuple[ChargeId, ...] = ()

    def amount_in(self, currency: Currency) -> Money | None:
        return next((amount for amount in self.amounts if amount.currency == currency), None)


def minimum(terms: Minimum, dues: Iterable[Due], scope: Scope) -> Iterator[RatedAdjustment]:
    agreed = terms.amount_in(scope.currency)
    if agreed is None:
        return
    least = scope.prorated(agreed)
    spent = total((due.amount for due in concerned(dues, terms.charges)), scope.currency)
    if spent < least:
        yield of_scope(
            scope,
            terms.adjustment_id,
            AdjustmentKind.MINIMUM,
            least - spent,
            terms=f"at least {agreed.rounded()}",
            arithmetic=f"{least}{scope.for_share()} less {spent}",
            product_id=terms.product_id,
        )
