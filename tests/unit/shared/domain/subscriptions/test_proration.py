"""Proration: shares are exact, half-open, and add up wherever a period is cut."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.subscriptions.proration import Proration, Share, share_of
from shared.domain.time_period import Period, billing_period_containing, local_midnight
from tests.builders.billing import BERLIN, OCTOBER

ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo", "Asia/Beirut"]
)
INSTANTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PRORATED = st.sampled_from([Proration.DAYS, Proration.SECONDS])


def october(first: int, until: int, *, hour: int = 0) -> Period:
    start, end = local_midnight(date(2026, 10, first), BERLIN), local_midnight(date(2026, 10, until), BERLIN)
    return Period(start + timedelta(hours=hour), end + timedelta(hours=hour))


def share(part: Period, proration: Proration = Proration.DAYS) -> Share | None:
    return share_of(part, OCTOBER.period, proration, BERLIN)


def test_days_are_those_of_the_customers_calendar_and_the_last_one_is_out() -> None:
    assert str(share(october(1, 15))) == "14 of 31 days"


def test_a_month_in_which_clocks_change_has_all_its_days() -> None:
    """London's March ends at 23:00 UTC of its 31st day."""
    london = ZoneInfo("Europe/London")
    march = Period(local_midnight(date(2026, 3, 1), london), local_midnight(date(2026, 4, 1), london))
    from_the_15th = Period(local_midnight(date(2026, 3, 15), london), march.end)

    assert str(share_of(from_the_15th, march, Proration.DAYS, london)) == "17 of 31 days"


def test_the_day_of_a_change_belongs_to_what_comes_after_it_whatever_the_hour() -> None:
    noon = october(14, 15, hour=12).end
    assert noon is not None

    assert str(share(Period(OCTOBER.start, noon))) == "14 of 31 days"
    assert str(share(Period(noon, OCTOBER.end))) == "17 of 31 days"


def test_what_starts_and_ends_on_one_day_is_no_day() -> None:
    morning = Period(local_midnight(date(2026, 10, 7), BERLIN), datetime(2026, 10, 7, 9, tzinfo=UTC))

    assert str(share(morning)) == "0 of 31 days"


def test_seconds_are_those_that_elapsed_also_when_clocks_change() -> None:
    assert str(share(october(25, 26), Proration.SECONDS)) == "90000 of 2682000 seconds"


def test_a_whole_period_has_no_share() -> None:
    assert share(OCTOBER.period) is None


def test_a_half_cent_stays_a_half_cent() -> None:
    assert Share(Decimal(1), Decimal(31), "days").of(Decimal("0.155")) == Decimal("0.005")


def test_a_share_has_45_decimals_and_half_of_the_last_one_is_rounded_up() -> None:
    assert Share(Decimal(1), Decimal(3), "days").of(Decimal(1)) == Decimal(f"0.{'3' * 45}")
    assert Share(Decimal(1), Decimal(2), "days").of(Decimal("1e-45")) == Decimal("1e-45")


def test_a_share_is_never_more_than_the_whole() -> None:
    with pytest.raises(ValueError, match="within its whole"):
        Share(Decimal(32), Decimal(31), "days")


@pytest.mark.parametrize(
    ("part", "proration"),
    [
        (Period(OCTOBER.start - timedelta(days=1), OCTOBER.end), Proration.DAYS),
        (Period(OCTOBER.start, None), Proration.SECONDS),
        (october(1, 15), Proration.NONE),
    ],
)
def test_there_is_no_share_beyond_the_whole_nor_without_proration(part: Period, proration: Proration) -> None:
    with pytest.raises(ValueError, match="no share"):
        share(part, proration)


@given(INSTANTS, ZONES, PRORATED, st.lists(st.integers(min_value=0, max_value=31), max_size=4))
def test_cutting_a_period_at_any_local_midnights_changes_nothing_in_sum(
    instant: datetime, zone_name: str, proration: Proration, days: list[int]
) -> None:
    zone = ZoneInfo(zone_name)
    month = billing_period_containing(instant, zone)
    first = month.start.astimezone(zone).date()
    midnights = {local_midnight(first + timedelta(days=days_in), zone) for days_in in days}
    cuts = [month.start, *sorted(cut for cut in midnights if month.start < cut < month.end), month.end]

    shares = [share_of(Period(*cut), month.period, proration, zone) for cut in pairwise(cuts)]

    assert sum((one.fraction if one else Fraction(1) for one in shares), Fraction(0)) == 1


@given(INSTANTS, ZONES, st.integers(min_value=1, max_value=2_000_000))
def test_days_add_up_whatever_the_hour_of_the_change(instant: datetime, zone_name: str, seconds: int) -> None:
    zone = ZoneInfo(zone_name)
    month = billing_period_containing(instant, zone)
    change = month.start + timedelta(seconds=seconds)

    before = share_of(Period(month.start, change), month.period, Proration.DAYS, zone)
    after = share_of(Period(change, month.end), month.period, Proration.DAYS, zone)

    assert before is not None
    assert after is not None
    assert before.fraction + after.fraction == 1
