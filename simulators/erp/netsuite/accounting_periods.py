"""accountingPeriod: months, quarters and years; only months can be posted to, and periods for adjustments.

Each can be locked for receivables, locked for everything, or closed: a role may pass what is locked, and no one what is
closed.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

FIRST_YEAR = 2010
LAST_YEAR = 2039
FIRST_ID = 100
MONTHS = 12
MONTHS_IN_QUARTER = 3


@dataclass(slots=True)
class AccountingPeriod:
    """One period; both days are inclusive."""

    period_id: str
    name: str
    start: date
    end: date
    is_quarter: bool = False
    is_year: bool = False
    is_adjustment: bool = False
    closed: bool = False
    ar_locked: bool = False
    all_locked: bool = False

    @property
    def locks_all(self) -> bool:
        return self.closed or self.all_locked

    @property
    def locks_receivables(self) -> bool:
        return self.locks_all or self.ar_locked

    @property
    def is_base(self) -> bool:
        return not (self.is_quarter or self.is_year)

    @property
    def is_month(self) -> bool:
        return self.is_base and not self.is_adjustment

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end


def all_periods(*, open_from: date | None, open_to: date | None) -> dict[str, AccountingPeriod]:
    """Return the calendar by internal id: closed before the first open day, locked after the last."""
    periods = {period.period_id: copy(period) for period in _calendar()}
    open_between(periods.values(), open_from=open_from, open_to=open_to)
    return periods


def open_between(periods: Iterable[AccountingPeriod], *, open_from: date | None, open_to: date | None) -> None:
    """Close every period that ends before the first open day, lock each that starts after the last, open the rest."""
    for period in periods:
        period.closed = open_from is not None and period.end < open_from
        period.all_locked = open_to is not None and period.start > open_to
        period.ar_locked = False


def new_period_id(periods: Iterable[str]) -> str:
    """Return an internal id that none of these periods has."""
    return str(max(map(int, periods)) + 1)


@cache
def _calendar() -> tuple[AccountingPeriod, ...]:
    """Return the calendar, to be copied; making it anew takes longer than most calls."""
    return tuple(replace(period, period_id=str(number)) for number, period in enumerate(_periods(), start=FIRST_ID))


def _periods() -> Iterator[AccountingPeriod]:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        yield AccountingPeriod("", f"FY {year}", date(year, 1, 1), date(year, 12, 31), is_year=True)
        for month in range(1, MONTHS + 1):
            start = date(year, month, 1)
            if month % MONTHS_IN_QUARTER == 1:
                name = f"Q{month // MONTHS_IN_QUARTER + 1} {year}"
                yield AccountingPeriod("", name, start, _last_day(year, month + 2), is_quarter=True)
            yield AccountingPeriod("", start.strftime("%b %Y"), start, _last_day(year, month))


def _last_day(year: int, month: int) -> date:
    following = date(year + month // MONTHS, month % MONTHS + 1, 1)
    return following - timedelta(days=1)
