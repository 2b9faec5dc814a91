"""Which billing periods a contract has, and which of them an invoice looks back at for usage that came late."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from shared.domain.master_data.catalog import Contract
from shared.domain.time_period import BillingPeriod, billing_period_containing, billing_periods_from

# The ledger counts nothing that is more than 124 days old, so a contract that goes on has an invoice for all of it.
MOST_PERIODS_ADJUSTED = 6
# Within these a contract that has ended is billed for what still comes inside the acceptance horizon.
PERIODS_AFTER_THE_END = 2


def billing_periods(contract: Contract, zone: ZoneInfo) -> Iterator[BillingPeriod]:
    """Yield every billing period of a contract, oldest first; without an end if the contract has none."""
    after_the_end = 0
    for period in billing_periods_from(contract.active.start, zone):
        if not contract.active.overlaps(period.period):
            after_the_end += 1
        if after_the_end > PERIODS_AFTER_THE_END:
            return
        yield period


def billing_periods_before(
    contract: Contract, of: BillingPeriod, zone: ZoneInfo, since: datetime
) -> list[BillingPeriod]:
    """Return the billing periods before this one that end after an instant, oldest first."""
    earlier = takewhile(lambda period: period.start < of.start, billing_periods(contract, zone))
    return [period for period in earlier if period.end > since]


def last_billing_periods(contract: Contract, of: BillingPeriod, zone: ZoneInfo, *, most: int) -> list[BillingPeriod]:
    """Return the billing periods right before this one, oldest first."""
    return list(deque(takewhile(lambda period: period.start < of.start, billing_periods(contract, zone)), maxlen=most))


def billing_period_after(of: BillingPeriod, zone: ZoneInfo) -> BillingPeriod:
    """Return the billing period that starts where this one ends, whether a contract is still in force or not."""
    return billing_period_containing(of.end, zone)


def adjustable_periods(contract: Contract, of: BillingPeriod, zone: ZoneInfo) -> list[BillingPeriod]:
    """Return the billing periods before this one that its invoice may adjust, oldest first."""
    return last_billing_periods(contract, of, zone, most=MOST_PERIODS_ADJUSTED)


def adjusting_periods(contract: Contract, of: BillingPeriod, zone: ZoneInfo) -> list[BillingPeriod]:
    """Return the billing periods after this one whose invoices may adjust it, oldest first."""
    later = (period for period in billing_periods(contract, zone) if period.start > of.start)
    return list(islice(later, MOST_PERIODS_ADJUSTED))
