"""Billing months in the customer's zone, as half-open UTC periods that never overlap and leave no gap."""

import itertools
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.domain.time_period import (
    Period,
    billing_period_containing,
    billing_periods_from,
    format_instant,
    local_midnight,
    parse_instant,
)

BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")


def test_a_month_in_berlin_starts_and_ends_with_its_own_offset() -> None:
    march = billing_period_containing(datetime(2026, 3, 15, tzinfo=UTC), BERLIN)

    assert (march.name, march.start, march.end) == (
        "2026-03",
        datetime(2026, 2, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 31, 22, tzinfo=UTC),
    )


def test_midnight_in_kolkata_is_half_past_six_in_the_evening_utc() -> None:
    assert local_midnight(date(2026, 4, 1), KOLKATA) == datetime(2026, 3, 31, 18, 30, tzinfo=UTC)


def test_a_midnight_that_does_not_exist_is_the_first_valid_instant() -> None:
    assert local_midnight(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo")) == datetime(2018, 11, 4, 3, tzinfo=UTC)


def test_an_ambiguous_midnight_is_its_first_occurrence() -> None:
    # Havana sets its clocks back from 1:00 to 0:00, so midnight happens twice.
    assert local_midnight(date(2026, 11, 1), ZoneInfo("America/Havana")) == datetime(2026, 11, 1, 4, tzinfo=UTC)


def test_billing_periods_follow_each_other_without_gap() -> None:
    months = list(itertools.islice(billing_periods_from(datetime(2025, 12, 31, 23, 30, tzinfo=UTC), BERLIN), 3))

    assert [month.name for month in months] == ["2026-01", "2026-02", "2026-03"]
    assert all(earlier.end == later.start for earlier, later in itertools.pairwise(months))


def test_a_period_holds_its_start_and_not_its_end() -> None:
    day = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))

    assert day.start in day
    assert datetime(2026, 3, 2, tzinfo=UTC) not in day


def test_neighbours_do_not_overlap() -> None:
    first = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
    second = Period(datetime(2026, 3, 2, tzinfo=UTC), None)

    assert not first.overlaps(second)
    assert not second.overlaps(first)


def test_an_open_period_covers_all_that_starts_in_it() -> None:
    open_end = Period(datetime(2026, 1, 1, tzinfo=UTC), None)

    assert open_end.covers(Period(datetime(2026, 3, 1, tzinfo=UTC), None))
    assert not Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)).covers(open_end)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2026, 3, 1), None),  # noqa: DTZ001 - a naive instant is the fault under test
        (datetime(2026, 3, 1, tzinfo=BERLIN), None),
        (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_period_refuses_what_is_not_utc_or_empty(start: datetime, end: datetime | None) -> None:
    with pytest.raises(ValueError, match="period"):
        Period(start, end)


def test_written_instants_sort_as_time_does() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)

    assert format_instant(noon) == "2026-03-01T12:00:00.000000Z"
    assert parse_instant("2026-03-01T13:00:00+01:00") == noon


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        parse_instant("2026-03-01T13:00:00")
