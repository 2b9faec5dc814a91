"""When a schedule was last due: rate() and cron() of EventBridge Scheduler, in UTC."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
_WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_ONE_DAY = timedelta(days=1)


class ScheduleNotUnderstoodError(ValueError):
    """The expression is not of the subset that runs locally: no at(), no L, W or #, no zone but UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Due every interval since the schedule was created."""

    created_at: datetime
    interval: timedelta

    def last_due(self, *, after: datetime, until: datetime) -> datetime | None:
        """Find the last due instant in (after, until], or None."""
        due = self.created_at + (until - self.created_at) // self.interval * self.interval
        return due if due > max(after, self.created_at) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 1 is Sunday
    years: frozenset[int]

    def last_due(self, *, after: datetime, until: datetime) -> datetime | None:
        """Find the last due instant in (after, until], or None."""
        day = until.date()
        while day >= after.date():
            weekday = day.isoweekday() % 7 + 1
            if (
                day.year in self.years
                and day.month in self.months
                and day.day in self.days
                and weekday in self.weekdays
            ):
                for due in self._times_backwards(datetime.combine(day, time(), UTC)):
                    if due <= after:
                        return None
                    if due <= until:
                        return due
            day -= _ONE_DAY
        return None

    def _times_backwards(self, midnight: datetime) -> Iterator[datetime]:
        for hour in sorted(self.hours, reverse=True):
            for minute in sorted(self.minutes, reverse=True):
                yield midnight + timedelta(hours=hour, minutes=minute)


def parse_schedule(expression: str, *, created_at: datetime) -> Rate | Cron:
    """Read an expression. Raises ScheduleNotUnderstoodError."""
    if match := _RATE.fullmatch(expression):
        return Rate(created_at=created_at, interval=int(match[1]) * _UNITS[match[2]])
    if match := _CRON.fullmatch(expression):
        minutes, hours, days, months, weekdays, years = match.groups()
        return Cron(
            minutes=_field(minutes, 0, 59),
            hours=_field(hours, 0, 23),
            days=_field(days, 1, 31),
            months=_field(months, 1, 12, _MONTHS),
            weekdays=_field(weekdays, 1, 7, _WEEKDAYS),
            years=_field(years, 1970, 2199),
        )
    raise ScheduleNotUnderstoodError(expression)


def _field(text: str, lowest: int, highest: int, names: dict[str, int] | None = None) -> frozenset[int]:
    return frozenset(value for part in text.split(",") for value in _part(part, lowest, highest, names or {}))


def _part(text: str, lowest: int, highest: int, names: dict[str, int]) -> range:
    span, _, step = text.partition("/")
    if span in ("*", "?"):
        first, last = lowest, highest
    else:
        start, _, end = span.partition("-")
        first = _value(start, names)
        last = _value(end, names) if end else (highest if step else first)
    if not lowest <= first <= last <= highest:
        raise ScheduleNotUnderstoodError(text)
    return range(first, last + 1, _value(step, {}) if step else 1)


def _value(text: str, names: dict[str, int]) -> int:
    if text in names:
        return names[text]
    if not text.isdigit():
        raise ScheduleNotUnderstoodError(text)
    return int(text)
