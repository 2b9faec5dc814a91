"""Apply the price adjustments of a charge or of a contract, in their order, to what one billing period comes to.

What a commitment or a credit has come to is carried from billing period to billing period. The carried state is never
stored: it is the sum of the lines that earlier billing periods have on their invoices.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from shared.domain.identifiers import AdjustmentId
from shared.domain.master_data.catalog import Charge, Contract
from shared.domain.money import Money
from shared.domain.rating.adjustments import (
    Commitment,
    ContractAdjustment,
    Credit,
    CreditBalance,
    FixedDiscount,
    Maximum,
    Minimum,
    PercentageDiscount,
)
from shared.domain.rating.adjustments.commitment import overage, true_up
from shared.domain.rating.adjustments.credit_balance import pay_from_balance
from shared.domain.rating.adjustments.credits import drawdown
from shared.domain.rating.adjustments.fixed_discount import fixed_discount
from shared.domain.rating.adjustments.lines import Due, RatedAdjustment, Scope, after
from shared.domain.rating.adjustments.maximum import maximum
from shared.domain.rating.adjustments.minimum import minimum
from shared.domain.rating.adjustments.percentage_discount import percentage_discount
from shared.domain.subscriptions.proration import Proration, share_of
from shared.domain.time_period import Period

# Of each credit what is drawn, and towards each commitment what is spent, in the billing periods before.
Carried: TypeAlias = Mapping[AdjustmentId, Money]

_Adjustment = TypeVar("_Adjustment", bound=ContractAdjustment)


def carried_since(contract: Contract) -> datetime | None:
    """Return from when on a billing period of the contract depends on those before it; None when none ever does."""
    carrying = [one for one in contract.adjustments if isinstance(one, Commitment | Credit | CreditBalance)]
    return min((one.valid.start for one in carrying), default=None)


def credits_of(contract: Contract) -> tuple[Credit, ...]:
    return _all(contract, Credit)


def adjust_charge(charge: Charge, dues: Sequence[Due], scope: Scope, at: datetime) -> tuple[RatedAdjustment, ...]:
    """Return the lines of a charge's own adjustments in force `at` an instant; `dues` are empty without any usage."""
    in_force = [one for one in charge.adjustments if at in one.valid]
    running = _Running(dues)
    for one in in_force:
        if isinstance(one, PercentageDiscount):
            running.add(percentage_discount(one, running.dues, scope))
    for one in in_force:
        if isinstance(one, Minimum):
            running.add(minimum(one, running.dues, scope))
    for one in in_force:
        if isinstance(one, Maximum):
            running.add(maximum(one, running.dues, scope))
    return running.lines


def settle(
    contract: Contract, dues: Sequence[Due], billing_period: Period, *, zone: ZoneInfo, carried: Carried
) -> tuple[RatedAdjustment, ...]:
    """Return the lines of the contract's adjustments for one billing period, on all that is due in it."""
    scope = _scope(contract, billing_period, zone)
    if scope is None:
        return ()
    running, nothing = _Running(dues), Money.zero(contract.currency)
    for discount in _in_force(contract, PercentageDiscount, scope, zone):
        running.add(percentage_discount(discount, running.dues, scope))
    for coupon in _in_force(contract, FixedDiscount, scope, zone):
        running.add(fixed_discount(coupon, running.dues, scope))
    for least in _in_force(contract, Minimum, scope, zone):
        running.add(minimum(least, running.dues, scope))
    for most in _in_force(contract, Maximum, scope, zone):
        running.add(maximum(most, running.dues, scope))
    spending = running.dues  # no commitment counts what another one adds
    for agreed in _all(contract, Commitment):
        spent = carried.get(agreed.adjustment_id, nothing)
        running.add(overage(agreed, spending, spent, scope))
        running.add(true_up(agreed, spending, spent, scope, billing_period))
    running.add(drawdown(_all(contract, Credit), running.dues, carried))
    for balance in sorted(_in_force(contract, CreditBalance, scope, zone), key=lambda one: one.valid.start):
        running.add(pay_from_balance(balance, running.dues, carried.get(balance.adjustment_id, nothing)))
    return running.lines


class _Running:
    """What is due after the adjustments so far, and their lines."""

    def __init__(self, dues: Sequence[Due]) -> None:
        self.dues = tuple(dues)
        self.lines: tuple[RatedAdjustment, ...] = ()

    def add(self, lines: Iterable[RatedAdjustment]) -> None:
        added = tuple(lines)
        self.dues = after(self.dues, added)
        self.lines += added


def _scope(contract: Contract, billing_period: Period, zone: ZoneInfo) -> Scope | None:
    active = billing_period.intersection(contract.active)
    if active is None:
        return None
    return Scope(
        target="",
        subscription_id=None,
        charge_id=None,
        description="",
        service_period=active,
        share=share_of(active, billing_period, Proration.DAYS, zone),
        currency=contract.currency,
    )


def _in_force(contract: Contract, kind: type[_Adjustment], scope: Scope, zone: ZoneInfo) -> Iterator[_Adjustment]:
    for one in _all(contract, kind):
        first_day = scope.service_period.start
        if first_day in one.valid and _is_among_the_first(one, contract, first_day, zone):
            yield one


def _all(contract: Contract, kind: type[_Adjustment]) -> tuple[_Adjustment, ...]:
    return tuple(one for one in contract.adjustments if isinstance(one, kind))


def _is_among_the_first(one: ContractAdjustment, contract: Contract, first_day: datetime, zone: ZoneInfo) -> bool:
    """Whether a discount that is given for a number of billing periods is still given in this one."""
    most = one.billing_periods if isinstance(one, PercentageDiscount | FixedDiscount) else None
    if most is None:
        return True
    since = max(one.valid.start, contract.active.start)
    periods = contract.billing_calendar(zone).periods_from(since, zone)
    # The first one in which it is in force on the first day: of one that starts within a period, the next.
    first = next(period for period in periods if max(period.start, contract.active.start) >= since)
    given = [first, *(period for period, _ in zip(periods, range(most - 1), strict=False))]
    return any(first_day in period.period for period in given)
