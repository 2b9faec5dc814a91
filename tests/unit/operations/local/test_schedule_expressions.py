from datetime import UTC, datetime, timedelta

import pytest

from operations.local.schedule_expressions import ScheduleNotUnderstoodError, parse_schedule

CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "expression", "until", "due"),
    [
        ("every interval since creation", "rate(15 minutes)", "2026-01-01 10:44", "2026-01-01 10:30"),
        ("singular unit", "rate(1 hour)", "2026-01-01 10:59", "2026-01-01 10:00"),
        ("due at the very instant", "rate(1 day)", "2026-01-02 00:00", "2026-01-02 00:00"),
        ("daily", "cron(0 6 * * ? *)", "2026-01-09 05:59", "2026-01-08 06:00"),
        ("steps", "cron(0/20 * * * ? *)", "2026-01-09 05:59", "2026-01-09 05:40"),
        ("lists", "cron(0 6,18 * * ? *)", "2026-01-09 17:00", "2026-01-09 06:00"),
        ("ranges", "cron(5 8-10 * * ? *)", "2026-01-09 17:00", "2026-01-09 10:05"),
        ("day of the month", "cron(0 0 1 * ? *)", "2026-03-31 00:00", "2026-03-01 00:00"),
        ("weekday by name", "cron(0 9 ? * MON *)", "2026-01-09 00:00", "2026-01-05 09:00"),
        ("weekday by number, Sunday is 1", "cron(0 9 ? * 1 *)", "2026-01-09 00:00", "2026-01-04 09:00"),
        ("weekdays as a range", "cron(0 9 ? * MON-FRI *)", "2026-01-11 12:00", "2026-01-09 09:00"),
        ("month by name", "cron(0 0 1 FEB ? *)", "2026-12-31 00:00", "2026-02-01 00:00"),
        ("year", "cron(0 0 1 1 ? 2027)", "2028-01-01 00:00", "2027-01-01 00:00"),
    ],
)
def test_the_last_due_time_is_found(rule: str, expression: str, until: str, due: str) -> None:
    timing = parse_schedule(expression, created_at=CREATED)

    assert timing.last_due(after=CREATED, until=at(until)) == at(due), rule


@pytest.mark.parametrize("expression", ["rate(1 hour)", "cron(0 * * * ? *)"])
def test_nothing_is_due_twice(expression: str) -> None:
    timing = parse_schedule(expression, created_at=CREATED)

    assert timing.last_due(after=at("2026-01-01 10:00"), until=at("2026-01-01 10:59")) is None


def test_a_rate_is_not_due_when_it_is_created() -> None:
    timing = parse_schedule("rate(1 hour)", created_at=CREATED)

    assert timing.last_due(after=CREATED - timedelta(days=1), until=CREATED) is None


@pytest.mark.parametrize(
    "expression",
    [
        "at(2026-01-01T00:00:00)",
        "cron(0 6 L * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 6 * * ?)",
        "rate(1 week)",
        "cron(1-x * * * ? *)",
    ],
)
def test_what_is_not_of_the_subset_is_refused(expression: str) -> None:
    with pytest.raises(ScheduleNotUnderstoodError):
        parse_schedule(expression, created_at=CREATED)
