"""Prices that begin some time after a contract or subscription does: free months, introductory prices, ramps."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from shared.domain.subscriptions.anniversary import Anniversary
from shared.domain.time_period import Period, local_midnight


class PhaseUnit(StrEnum):
    MONTHS = "months"
    BILLING_PERIODS = "billing_periods"


class CountedFrom(StrEnum):
    CONTRACT = "contract"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePhase:
    """When a price takes the place of the one before it: always with a billing period.

    The billing period in which the contract or subscription starts is the first one, however much is left of it. Months
    are those of the customer's calendar, from the day of the start, clamped to the end of a shorter month.
    """

    after: int
    unit: PhaseUnit
    counted_from: CountedFrom = CountedFrom.CONTRACT

    def begins(self, *, contract: Period, subscription: Period, calendar: Anniversary, zone: ZoneInfo) -> datetime:
        """Return the start of the billing period with which the price begins; `calendar` is that of the contract."""
        since = (contract if self.counted_from is CountedFrom.CONTRACT else subscription).start
        if self.unit is PhaseUnit.BILLING_PERIODS:
            return next(islice(calendar.periods_from(since, zone), self.after, None)).start
        day = Anniversary.on(since.astimezone(zone).date()).boundary(self.after)
        passed = local_midnight(day, zone)
        return next(one.start for one in calendar.periods_from(passed, zone) if one.start >= passed)

    def __str__(self) -> str:
        return f"after {self.after} {self.unit.replace('_', ' ')} of the {self.counted_from}"
