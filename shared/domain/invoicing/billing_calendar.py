"""Which billing periods a contract has, and which of them an invoice looks back at for usage that came late."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from itertools import islice, takewhile
from math import ceil
from zoneinfo import ZoneInfo

from shared.domain.master_data.catalog import Contract
from shared.domain.time_period import BillingPeriod

_SHORTEST_MONTH = 28
_LATEST_DAY = 124  # the ledger counts nothing that is more days old
_HORIZON = 35  # days within which usage is accepted as a matter of course


def most_periods_adjusted(every_months: int = 1) -> int:
    """Return how many periods an invoice looks back: a contract that goes on has an invoice for all late usage."""
    return 1 + ceil(_LATEST_DAY / (_SHORTEST_MONTH * every_months))


def periods_after_the_end(every_months: int) -> int:
    """Return for how many periods a contract that has ended is billed for what still comes inside the horizon."""
    return ceil(_HORIZON / (_SHORTEST_MONTH * every_months))


def billing_periods(contract: Contract, zone: ZoneInfo) -> Iterator[BillingPeriod]:
    """Yield every billing period of a contract, oldest first; without an end if the contract has none."""
    after_the_end, most_after = 0, periods_after_the_end(contract.billing.every_months)
    for period in contract.billing_calendar(zone).periods_from(contract.active.start, zone):
        if not contract.active.overlaps(period.period):
            after_the_end += 1
        if after_the_end > most_after:
            return
        yield period


def has_billing_period(contract: Contract, period: BillingPeriod, zone: ZoneInfo) -> bool:
    """Whether a contract is billed for a period, those after its end included."""
    return period in takewhile(lambda one: one.start <= period.start, billing_periods(contract, zone))


def billing_periods_before(
    contract: Contract, of: BillingPeriod, zone: ZoneInfo, since: datetime
) -> list[BillingPeriod]:
    """Return the billing periods before this one whose invoices bill what is from an instant on, oldest first.

    The first one ends at the instant or before it: its invoice has the fees in advance of the one after it.
    """
    earlier = list(takewhile(lambda period: period.start < of.start, billing_periods(contract, zone)))
    ended = sum(period.end <= since for period in earlier)
    return earlier[max(ended - 1, 0) :]


def last_billing_periods(contract: Contract, of: BillingPeriod, zone: ZoneInfo, *, most: int) -> list[BillingPeriod]:
    """Return the billing periods right before this one, oldest first."""
    return list(deque(takewhile(lambda period: period.start < of.start, billing_periods(contract, zone)), maxlen=most))


def billing_period_at(contract: Contract, instant: datetime, zone: ZoneInfo) -> BillingPeriod:
    """Return the billing period that holds an instant, whether the contract is in force then or not."""
    return contract.billing_calendar(zone).containing(instant, zone)


def billing_period_after(contract: Contract, of: BillingPeriod, zone: ZoneInfo) -> BillingPeriod:
    """Return the billing period that starts where this one ends, whether the contract is still in force or not."""
    return billing_period_at(contract, of.end, zone)


def adjustable_periods(contract: Contract, of: BillingPeriod, zone: ZoneInfo) -> list[BillingPeriod]:
    """Return the billing periods before this one that its invoice may adjust, oldest first."""
    return last_billing_periods(contract, of, zone, most=most_periods_adjusted(contract.billing.every_months))


def adjusting_periods(contract: Contract, of: BillingPeriod, zone: ZoneInfo) -> list[BillingPeriod]:
    """Return the billing periods after this one whose invoices may adjust it, oldest first."""
    later = (period for period in billing_periods(contract, zone) if period.start > of.start)
    return list(islice(later, most_periods_adjusted(contract.billing.every_months)))
