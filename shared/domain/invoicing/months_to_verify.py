"""Which calendar months of a customer's usage a bill run holds against the archive.

Usage is verified, and held, by calendar months, whatever a contract is billed by. The ledger remembers ids for four
months only: of a quarter or a year that is due, the first months can be compared no more. So these are verified soon
after they have ended, and twice again after the months that follow, for what was repaired in the meantime.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.master_data.catalog import Contract
from shared.domain.time_period import BillingPeriod, Period, billing_period_containing, calendar_months

# Bill runs are daily; two may fail.
VERIFIED_WITHIN = timedelta(days=3)
_MONTHS_LOOKED_AT = 3
_INSTANT = timedelta(microseconds=1)


def months_of_due(due: BillingPeriod, zone: ZoneInfo, *, sealed_through: datetime) -> Iterator[BillingPeriod]:
    """Yield the months of a billing period that is sealed. One that goes on is verified as far as it is sealed.

    As far as it is sealed, and not only to the end of the billing period: what a later look covers is never less than
    what an earlier one did, so that it may release what that one held.
    """
    for month in calendar_months(due.period, zone):
        yield BillingPeriod(month.name, month.start, min(month.end, sealed_through))


def months_ended_lately(contract: Contract, zone: ZoneInfo, *, sealed_through: datetime) -> Iterator[BillingPeriod]:
    """Yield the last months of a contract by longer periods, in the days after one of them has ended and is sealed."""
    if contract.billing.every_months == 1:
        return
    month = billing_period_containing(billing_period_containing(sealed_through, zone).start - _INSTANT, zone)
    if sealed_through - month.end >= VERIFIED_WITHIN:
        return
    for _ in range(_MONTHS_LOOKED_AT):
        if contract.active.overlaps(Period(month.start, month.end)):
            yield month
        month = billing_period_containing(month.start - _INSTANT, zone)
