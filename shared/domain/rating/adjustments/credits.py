"""Prepaid credits and grants: an amount that pays for eligible charges of a time, until it is used up or has expired.

Eligible is what was used while the credit was in effect, by event time: usage that comes late is paid by the credit of
its own time, and by no other. Where several credits could pay, priority decides, then the earliest expiry, then the
oldest one. Credits pay for charges, never for a minimum or a true-up of the whole contract.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId
from shared.domain.money import Money
from shared.domain.rating.adjustments.lines import (
    AdjustmentKind,
    Applied,
    Due,
    RatedAdjustment,
    concerned,
    of_line,
    positive_total,
    shares,
)
from shared.domain.time_period import Period

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """`valid` is from when it is in effect until it expires. A lower `priority` is drawn first.

    With a `product_id` it was prepaid: what is drawn is booked there. Without, it was given: what is drawn lowers the
    product that it pays for.
    """

    adjustment_id: AdjustmentId
    valid: Period
    amount: Money
    priority: int = 0
    charges: tuple[ChargeId, ...] = ()
    product_id: ProductId | None = None

    @property
    def drawn_in_order(self) -> tuple[int, datetime, datetime]:
        return self.priority, self.valid.end or _NEVER, self.valid.start

    def __str__(self) -> str:
        return f"credit of {self.amount.rounded()}"


def cuts(credits_of_contract: Iterable[Credit], within: Period) -> tuple[datetime, ...]:
    """Return the instants inside a period at which a credit begins or expires."""
    bounds = {instant for one in credits_of_contract for instant in (one.valid.start, one.valid.end) if instant}
    return tuple(sorted(instant for instant in bounds if instant in within and instant != within.start))


def cut(period: Period, at: Sequence[datetime]) -> tuple[Period, ...]:
    """Return the parts of a period between the instants."""
    assert period.end is not None, "what is cut ends"
    inside = [instant for instant in at if period.start < instant < period.end]
    return tuple(Period(start, end) for start, end in pairwise([period.start, *inside, period.end]))


def drawdown(
    agreed: Iterable[Credit], dues: Iterable[Due], used: Mapping[AdjustmentId, Money]
) -> Iterator[RatedAdjustment]:
    """Yield what each credit pays of each line; `used` is what earlier billing periods have drawn."""
    dues = tuple(due for due in dues if due.charge_id is not None)
    open_parts = {due.name: dict(_by_time(due)) for due in dues}
    for credit in sorted(agreed, key=lambda one: one.drawn_in_order):
        eligible = [
            replace(due, amount=_in_effect(open_parts[due.name], credit.valid, due.amount))
            for due in concerned(dues, credit.charges)
        ]
        left = credit.amount - used.get(credit.adjustment_id, Money.zero(credit.amount.currency))
        drawn = min(left, positive_total(eligible, credit.amount.currency))
        if drawn.amount <= 0:
            continue
        for due, share in shares(drawn, eligible):
            _take(open_parts[due.name], credit.valid, share)
            yield of_line(
                due,
                Applied(adjustment_id=credit.adjustment_id, kind=AdjustmentKind.CREDIT, target=due.name),
                precise_amount=(-share).amount,
                terms=str(credit),
                arithmetic=f"drawn from {left} that are left, for {due.amount} that are eligible",
                product_id=credit.product_id,
            )


def _by_time(due: Due) -> Iterator[tuple[Period, Money]]:
    """Split what is due over the parts of its service period, as usage brought it together."""
    weights = [max(amount, Decimal(0)) for _, amount in due.by_time]
    if due.amount.amount > 0 and any(weights):
        yield from zip((part for part, _ in due.by_time), due.amount.allocate(weights), strict=True)
    else:
        yield due.service_period, due.amount


def _in_effect(parts: Mapping[Period, Money], valid: Period, whole: Money) -> Money:
    amount = Money.zero(whole.currency)
    for part, open_amount in parts.items():
        if part.start in valid:
            amount += open_amount
    return amount


def _take(parts: dict[Period, Money], valid: Period, amount: Money) -> None:
    for part, open_amount in parts.items():
        if part.start in valid:
            paid = min(amount, open_amount)
            parts[part] = open_amount - paid
            amount -= paid
