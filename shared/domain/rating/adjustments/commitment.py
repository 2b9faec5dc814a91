"""Commitment: an amount agreed for a term, which what is billed month after month counts towards.

What lies above it costs a factor more, in the billing period that goes beyond it; what is missing when the term ends is
due as a true-up, in the billing period in which it ends.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId
from shared.domain.money import EXACT, Money, total
from shared.domain.rating.adjustments.lines import (
    AdjustmentKind,
    Applied,
    Due,
    RatedAdjustment,
    Scope,
    concerned,
    of_line,
    of_scope,
    shares,
)
from shared.domain.rating.charge_models.words import plain
from shared.domain.time_period import Period

# What comes before it in the order of adjustments counts towards it, and the charges themselves.
COUNTED_KINDS = frozenset(
    {
        AdjustmentKind.PERCENTAGE_DISCOUNT,
        AdjustmentKind.FIXED_DISCOUNT,
        AdjustmentKind.MINIMUM,
        AdjustmentKind.MAXIMUM,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """`valid` is the term, which ends. Lines whose service period starts in it count towards it.

    Without `true_up` nothing is due for what is missing. `product_id` is that of the true-up.
    """

    adjustment_id: AdjustmentId
    valid: Period
    amount: Money
    product_id: ProductId
    true_up: bool = True
    overage_factor: Decimal = Decimal(1)
    charges: tuple[ChargeId, ...] = ()

    def __str__(self) -> str:
        beyond = "" if self.overage_factor == 1 else f", beyond it {plain(self.overage_factor)} times the price"
        return f"{self.amount.rounded()} committed{beyond}"


def overage(terms: Commitment, dues: Iterable[Due], spent_before: Money, scope: Scope) -> Iterator[RatedAdjustment]:
    """Yield the surcharge on what this billing period spends beyond the commitment, on the lines that spend it."""
    counted = _counted(terms, dues)
    spent = total((due.amount for due in counted), scope.currency)
    beyond = min(spent, spent_before + spent - terms.amount)
    if beyond.amount <= 0:
        return
    extra = EXACT.subtract(terms.overage_factor, Decimal(1))
    surcharge = (beyond * extra).rounded()
    for due, share in shares(surcharge, counted):
        yield of_line(
            due,
            Applied(adjustment_id=terms.adjustment_id, kind=AdjustmentKind.OVERAGE, target=due.name),
            precise_amount=share.amount,
            terms=str(terms),
            arithmetic=f"share of {beyond} beyond {terms.amount} x {plain(extra)}",
        )


def true_up(
    terms: Commitment, dues: Iterable[Due], spent_before: Money, scope: Scope, billing_period: Period
) -> Iterator[RatedAdjustment]:
    """Yield what is missing to the commitment, in the billing period in which its term ends."""
    end = terms.valid.end
    assert end is not None, "a commitment's term ends"
    assert billing_period.end is not None, "a billing period ends"
    spent = spent_before + total((due.amount for due in _counted(terms, dues)), scope.currency)
    if terms.true_up and billing_period.start < end <= billing_period.end and spent < terms.amount:
        yield of_scope(
            scope,
            terms.adjustment_id,
            AdjustmentKind.TRUE_UP,
            terms.amount - spent,
            terms=str(terms),
            arithmetic=f"{terms.amount} committed for {terms.valid} less {spent}",
            product_id=terms.product_id,
            service_period=terms.valid,
        )


def _counted(terms: Commitment, dues: Iterable[Due]) -> tuple[Due, ...]:
    return tuple(due for due in concerned(dues, terms.charges) if due.service_period.start in terms.valid)
