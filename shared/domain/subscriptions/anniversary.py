"""Anniversary billing: periods of whole months that start on an anchor day of the customer's own calendar.

The anchor day clamps to the end of a shorter month and comes back: 31 January, 28 February, 31 March; 29 February, 28
February a year later, 29 February in the next leap year. So every boundary is worked out from the anchor, never from
the boundary before it.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Self
from zoneinfo import ZoneInfo

from shared.domain.time_period import BillingPeriod, local_midnight

LAST_ANCHOR_DAY = 31
INTERVALS_IN_MONTHS = (1, 3, 12)

_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingCycle:
    """How often a contract is billed, and on which day of a month its billing periods start."""

    anchor_day: int = 1
    every_months: int = 1

    def since(self, day: date) -> "Anniversary":
        """Return the boundaries of what starts on a local day."""
        return Anniversary(day, self.anchor_day, self.every_months)


CALENDAR_MONTHS = BillingCycle()


@dataclass(frozen=True, slots=True)
class Anniversary:
    """Boundaries every so many months on the anchor day, counted from the month of `since`, before it as after it.

    So what starts on 10 January, with the 15th as anchor and by quarters, is first billed up to 15 January; with the
    1st as anchor, up to 1 April.
    """

    since: date
    anchor_day: int
    every_months: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.anchor_day <= LAST_ANCHOR_DAY:
            raise ValueError(f"an anchor is a day from 1 to {LAST_ANCHOR_DAY}, not {self.anchor_day}")
        if self.every_months < 1:
            raise ValueError(f"a billing interval is at least one month, not {self.every_months}")

    @classmethod
    def on(cls, anchor: date, *, every_months: int = 1) -> Self:
        """Return the boundaries on a day and its anniversaries."""
        return cls(anchor, anchor.day, every_months)

    def boundary_from(self, day: date) -> date:
        """Return the first boundary on or after a local day."""
        number = self.number_at(day)
        return day if self.boundary(number) == day else self.boundary(number + 1)

    def boundary(self, number: int) -> date:
        """Return the first local day of the period with this number."""
        months = _months(self.since) + number * self.every_months
        year, month = divmod(months, _MONTHS_A_YEAR)
        return date(year, month + 1, min(self.anchor_day, monthrange(year, month + 1)[1]))

    def number_at(self, day: date) -> int:
        """Return the number of the period that holds a local day."""
        number = (_months(day) - _months(self.since)) // self.every_months
        return number if self.boundary(number) <= day else number - 1

    def period(self, number: int, zone: ZoneInfo) -> BillingPeriod:
        """Return a period, named by the day it starts on; a calendar month by its month."""
        first, following = self.boundary(number), self.boundary(number + 1)
        is_month = self.anchor_day == 1 and self.every_months == 1
        name = f"{first:%Y-%m}" if is_month else f"{first:%Y-%m-%d}"
        return BillingPeriod(name, local_midnight(first, zone), local_midnight(following, zone))

    def has_boundaries_of(self, other: "Anniversary") -> bool:
        """Whether both cut all time into the same periods."""
        alike = (self.anchor_day, self.every_months) == (other.anchor_day, other.every_months)
        return alike and (_months(self.since) - _months(other.since)) % self.every_months == 0

    def containing(self, instant: datetime, zone: ZoneInfo) -> BillingPeriod:
        """Return the period that holds an instant."""
        return self.period(self.number_at(instant.astimezone(zone).date()), zone)

    def periods_from(self, since: datetime, zone: ZoneInfo) -> Iterator[BillingPeriod]:
        """Yield the periods from the one that holds `since`, oldest first and without an end."""
        return (self.period(number, zone) for number in count(self.number_at(since.astimezone(zone).date())))


def _months(day: date) -> int:
    return day.year * _MONTHS_A_YEAR + day.month - 1
