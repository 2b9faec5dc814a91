"""Half-open periods of UTC instants, and the calendar months that billing cuts them into."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end) in UTC; end None means open. Raises ValueError for naive, non-UTC or reversed bounds."""

    start: datetime
    end: datetime | None

    def __post_init__(self) -> None:
        for instant in (self.start, self.end):
            if instant is not None and instant.tzinfo is not UTC and instant.utcoffset() != timedelta(0):
                raise ValueError(f"a period needs UTC instants, not {instant!r}")
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"a period ends after it starts: {self.start} .. {self.end}")

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant and (self.end is None or instant < self.end)

    def covers(self, other: "Period") -> bool:
        return self.start <= other.start and (self.end is None or (other.end is not None and other.end <= self.end))

    def overlaps(self, other: "Period") -> bool:
        return (self.end is None or other.start < self.end) and (other.end is None or self.start < other.end)

    def intersection(self, other: "Period") -> "Period | None":
        """Return what both periods share; None when they do not overlap."""
        if other.covers(self):
            return self
        if not self.overlaps(other):
            return None
        ends = [end for end in (self.end, other.end) if end is not None]
        return Period(max(self.start, other.start), min(ends, default=None))

    def __str__(self) -> str:
        return f"{format_instant(self.start)}..{format_instant(self.end) if self.end else ''}"


@dataclass(frozen=True, slots=True)
class BillingPeriod:
    """One month in a customer's zone, or what else a contract is billed by: its name, and its UTC bounds as created.

    The name is YYYY-MM of a calendar month and the first local day of any other period, so those of a contract sort.
    """

    name: str
    start: datetime
    end: datetime

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)


def billing_period_containing(instant: datetime, zone: ZoneInfo) -> BillingPeriod:
    """Return the calendar month, in the zone, that holds the instant."""
    local = instant.astimezone(zone)
    return _billing_month(local.year, local.month, zone)


def billing_periods_from(since: datetime, zone: ZoneInfo) -> Iterator[BillingPeriod]:
    """Yield the months from the one that holds `since`, oldest first and without an end."""
    month = billing_period_containing(since, zone)
    while True:
        yield month
        month = billing_period_containing(month.end, zone)


def calendar_months(period: Period, zone: ZoneInfo) -> tuple[BillingPeriod, ...]:
    """Return every calendar month, in the zone, that a period with an end has a part in, oldest first."""
    assert period.end is not None, "an open period has no last month"
    end = period.end
    return tuple(takewhile(lambda month: month.start < end, billing_periods_from(period.start, zone)))


def month_names(period: Period, zone: ZoneInfo) -> tuple[str, ...]:
    """Return the names of the calendar months that a period has a part in: usage is checked and held by these."""
    return tuple(month.name for month in calendar_months(period, zone))


def _billing_month(year: int, month: int, zone: ZoneInfo) -> BillingPeriod:
    next_year, next_month = year + month // 12, month % 12 + 1
    start, end = local_midnight(date(year, month, 1), zone), local_midnight(date(next_year, next_month, 1), zone)
    return BillingPeriod(f"{year:04d}-{month:02d}", start, end)


def local_days(period: Period, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the last local day of a period that has an end."""
    return local_day(period.start, zone), last_local_day(period, zone)


def last_local_day(period: Period, zone: ZoneInfo) -> date:
    """Return the last local day of a period that has an end."""
    assert period.end is not None, "an open period has no last day"
    return local_day(period.end - _MICROSECOND, zone)


@lru_cache(maxsize=10_000)  # the lines of a month, and the contracts of a bill run, have few days between them
def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the local day of an instant of UTC."""
    return instant.astimezone(zone).date()


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which a local day starts.

    A midnight that does not exist is the first valid instant after the gap; an ambiguous one is its first occurrence.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    as_utc = midnight.astimezone(UTC)
    if as_utc.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return as_utc
    # In a gap, fold=0 maps with the offset before the jump: the instant of the jump lies between the two readings.
    after_jump = midnight.replace(fold=1).astimezone(UTC)
    low, high = min(as_utc, after_jump), max(as_utc, after_jump)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(zone).date() < day:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def format_instant(instant: datetime) -> str:
    """Write an instant as fixed-width UTC text, microseconds always shown: it sorts as time does."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant with an offset; raise ValueError for anything else, a missing offset included."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no UTC offset")
    return instant.astimezone(UTC)
