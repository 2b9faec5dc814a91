"""The same share of several amounts of either sign, which together are that share of their sum."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from shared.domain.invoicing.credited_tax import within
from shared.domain.money import EXACT, Money, exact_sum, total

_ONE = Decimal(1)


def portions_of(amounts: Sequence[Money], share: Decimal, *, left: Sequence[Money]) -> tuple[Money, ...]:
    """Return a share of each amount by largest remainder, where that fits into what is left of it.

    They sum to the rounded share of the sum. What earlier shares were rounded up may be missing now: a minor unit more
    than is left, of one amount or of the sum, is what is left. Anything beyond that is returned as it is.
    """
    currency = amounts[0].currency
    unit = currency.minor_unit
    exact = [EXACT.divide(EXACT.multiply(amount.amount, share), unit) for amount in amounts]
    rest = [EXACT.divide(amount.amount, unit) for amount in left]
    whole = Money(EXACT.multiply(exact_sum(exact), unit), currency).rounded()
    all_left = total(left, currency)
    if not within(whole, all_left) and abs((whole - all_left).amount) <= unit:
        whole = all_left
    low = [_fitting(one.to_integral_value(ROUND_FLOOR, EXACT), of) for one, of in zip(exact, rest, strict=True)]
    high = [one + _ONE if _fits(one + _ONE, of) else one for one, of in zip(low, rest, strict=True)]
    missing = int(EXACT.subtract(EXACT.divide(whole.amount, unit), exact_sum(low)))
    movable = [place for place in range(len(low)) if high[place] != low[place]]
    raised = sorted(movable, key=lambda place: (EXACT.subtract(low[place], exact[place]), place))[: max(missing, 0)]
    portions = [high[place] if place in raised else low[place] for place in range(len(low))]
    return tuple(Money(EXACT.multiply(portion, unit), currency).rounded() for portion in portions)


def _fitting(floor: Decimal, left: Decimal) -> Decimal:
    if _fits(floor, left):
        return floor
    return left if abs(floor - left) <= 1 else floor


def _fits(units: Decimal, left: Decimal) -> bool:
    return min(left, Decimal(0)) <= units <= max(left, Decimal(0))
