"""Anniversary billing: anchors clamp and come back, periods tile, and boundaries are midnights of the customer's."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.subscriptions.anniversary import INTERVALS_IN_MONTHS, Anniversary

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = st.dates(min_value=date(1971, 1, 1), max_value=date(2099, 12, 31))
INTERVALS = st.sampled_from(INTERVALS_IN_MONTHS)
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo", "Asia/Beirut"]
)


def boundaries(anniversary: Anniversary, how_many: int) -> list[str]:
    return [anniversary.boundary(number).isoformat() for number in range(how_many)]


def test_an_anchor_at_a_months_end_clamps_and_comes_back() -> None:
    expected = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]

    assert boundaries(Anniversary.on(date(2026, 1, 31)), 5) == expected


def test_a_leap_day_comes_back_in_the_next_leap_year() -> None:
    yearly = Anniversary.on(date(2024, 2, 29), every_months=12)

    assert boundaries(yearly, 5) == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_what_starts_before_the_anchor_day_is_first_billed_up_to_it() -> None:
    quarterly = Anniversary(date(2026, 1, 10), anchor_day=15, every_months=3)

    assert quarterly.boundary(-1) == date(2025, 10, 15)
    assert boundaries(quarterly, 2) == ["2026-01-15", "2026-04-15"]
    assert quarterly.boundary_from(date(2026, 1, 10)) == date(2026, 1, 15)


def test_what_starts_after_the_anchor_day_is_first_billed_up_to_the_one_an_interval_later() -> None:
    quarterly = Anniversary(date(2026, 1, 20), anchor_day=15, every_months=3)

    assert quarterly.boundary_from(date(2026, 1, 20)) == date(2026, 4, 15)


def test_what_starts_on_the_anchor_day_has_no_part_before_it() -> None:
    assert Anniversary(date(2026, 1, 15), anchor_day=15).boundary_from(date(2026, 1, 15)) == date(2026, 1, 15)


def test_a_period_starts_at_a_local_midnight_and_is_named_by_the_day_it_starts_on() -> None:
    period = Anniversary.on(date(2026, 10, 15)).containing(datetime(2026, 11, 14, 22, 59, tzinfo=UTC), BERLIN)

    assert period.name == "2026-10-15"
    assert period.start == datetime(2026, 10, 14, 22, tzinfo=UTC)  # summer time
    assert period.end == datetime(2026, 11, 14, 23, tzinfo=UTC)


@pytest.mark.parametrize(("anchor_day", "every_months"), [(0, 1), (32, 1), (1, 0)])
def test_a_day_that_no_month_has_and_an_interval_of_nothing_are_refused(anchor_day: int, every_months: int) -> None:
    with pytest.raises(ValueError, match="not"):
        Anniversary(date(2026, 1, 1), anchor_day, every_months)


@given(DAYS, INTERVALS, ZONES, DAYS)
def test_periods_tile_without_a_gap_and_have_names_of_their_own(
    anchor: date, every_months: int, zone: str, since: date
) -> None:
    instant = datetime(since.year, since.month, since.day, 12, tzinfo=UTC)
    periods = list(islice(Anniversary.on(anchor, every_months=every_months).periods_from(instant, ZoneInfo(zone)), 6))

    assert instant in periods[0].period
    assert all(one.end == following.start for one, following in pairwise(periods))
    assert len({one.name for one in periods}) == len(periods)


@given(DAYS, INTERVALS, st.integers(min_value=-40, max_value=40))
def test_an_anchor_returns_in_every_month_that_is_long_enough(anchor: date, every_months: int, number: int) -> None:
    boundary = Anniversary.on(anchor, every_months=every_months).boundary(number)

    assert boundary.day == anchor.day or (boundary.day < anchor.day and (boundary + timedelta(days=1)).day == 1)


@given(DAYS, INTERVALS, DAYS)
def test_every_day_lies_in_the_period_that_is_found_for_it(anchor: date, every_months: int, day: date) -> None:
    anniversary = Anniversary.on(anchor, every_months=every_months)
    number = anniversary.number_at(day)

    assert anniversary.boundary(number) <= day < anniversary.boundary(number + 1)


@given(DAYS, st.integers(min_value=1, max_value=31), INTERVALS)
def test_the_first_boundary_is_less_than_an_interval_away(start: date, anchor_day: int, every_months: int) -> None:
    anniversary = Anniversary(start, anchor_day, every_months)

    assert anniversary.boundary(-1) < start <= anniversary.boundary_from(start) <= anniversary.boundary(1)
