"""When an invoice is due: one of the three ways in which contracts say it. Weekends and holidays move no due date."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

_DAYS_OF_EVERY_MONTH = 28


@dataclass(frozen=True, slots=True)
class NetDays:
    """So many days after the invoice date."""

    days: int
    kind: Literal["net_days"] = "net_days"

    def due(self, invoice_date: date) -> date:
        return invoice_date + timedelta(days=self.days)

    def __str__(self) -> str:
        return f"within {_days(self.days)} of the invoice date" if self.days else "on the invoice date"


@dataclass(frozen=True, slots=True)
class DaysAfterMonthEnd:
    """So many days after the last day of the month of the invoice date."""

    days: int
    kind: Literal["days_after_month_end"] = "days_after_month_end"

    def due(self, invoice_date: date) -> date:
        return _last_day(invoice_date) + timedelta(days=self.days)

    def __str__(self) -> str:
        end = "the end of the month of the invoice date"
        return f"within {_days(self.days)} of {end}" if self.days else f"by {end}"


@dataclass(frozen=True, slots=True)
class DayOfNextMonth:
    """On a day of the month after that of the invoice date, or the last day of a shorter one."""

    day: int
    kind: Literal["day_of_next_month"] = "day_of_next_month"

    def due(self, invoice_date: date) -> date:
        last = _last_day(_last_day(invoice_date) + timedelta(days=1))
        return last.replace(day=min(self.day, last.day))

    def __str__(self) -> str:
        shorter = ", or its last day if it is shorter" if self.day > _DAYS_OF_EVERY_MONTH else ""
        return f"by day {self.day} of the month after that of the invoice date{shorter}"


PaymentTerms: TypeAlias = NetDays | DaysAfterMonthEnd | DayOfNextMonth


def _last_day(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _days(number: int) -> str:
    return f"{number} day{'s' if number != 1 else ''}"
