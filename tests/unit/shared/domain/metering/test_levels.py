"""Levels hold until the next one, and their average over a span is exact."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.metering.exact_quantity import QUANTITY_DECIMALS, as_quantity
from shared.domain.metering.levels import Level, average_level, in_order
from shared.domain.time_period import Period

MARCH = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
LENGTH = timedelta(days=31)
DAY = timedelta(days=1)


def level(value: str, *, day: float, event_id: str = "disk-1") -> Level:
    """Return a level reported at a day of March; the first of March is day 0."""
    return Level(MARCH.start + day * DAY, "storage", event_id, Decimal(value))


def average(*levels: Level, span: Period = MARCH) -> Decimal:
    return average_level([levels], span, over=LENGTH)


def test_a_level_held_all_month_is_its_own_average() -> None:
    assert average(level("5", day=0)) == 5


def test_a_level_counts_from_when_it_was_reported() -> None:
    assert average(level("31", day=21)) == 10


def test_a_level_carries_in_from_before_the_span() -> None:
    assert average(level("8", day=-40), level("5", day=-2), level("36", day=30)) == 6


def test_what_is_reported_after_the_span_changes_nothing() -> None:
    assert average(level("5", day=0), level("900", day=31)) == 5


def test_half_a_month_of_a_subscription_is_half_of_the_quantity() -> None:
    """A price per GB and month is due for the part of the month in which the subscription was there."""
    assert average(level("62", day=-1), span=Period(MARCH.start, MARCH.start + DAY)) == 2


def test_groups_are_added_before_anything_is_rounded() -> None:
    thirds = [[level("1", day=20 + 2 / 3)]] * 3

    assert average_level(thirds, MARCH, over=LENGTH) == 1


def test_of_two_levels_at_one_instant_the_greater_id_holds() -> None:
    first, second = level("5", day=3, event_id="disk-1"), level("7", day=3, event_id="disk-2")

    assert in_order([second, first]) == in_order([first, second]) == (second,)


levels = st.builds(
    Level,
    st.integers(-5 * 86_400, 40 * 86_400).map(lambda seconds: MARCH.start + timedelta(seconds=seconds)),
    st.sampled_from(["a", "b"]),
    st.sampled_from("xyz"),
    st.decimals(min_value=0, max_value=10**6, places=3),
)


@given(st.lists(levels, max_size=8), st.randoms(use_true_random=False))
def test_the_average_is_that_of_looking_back_from_every_instant(reported: list[Level], random: Random) -> None:
    """The oracle knows no intervals: it finds the level of each stretch between instants by looking for the latest."""
    marks = sorted(
        {MARCH.start, MARCH.start + LENGTH, *(one.occurred_at for one in reported if one.occurred_at in MARCH)}
    )
    area = Fraction(0)
    for mark, following in pairwise(marks):
        before = [one for one in reported if one.occurred_at <= mark]
        area += Fraction(max(before).value if before else 0) * int((following - mark).total_seconds())
    random.shuffle(reported)

    assert average(*reported) == as_quantity(area / int(LENGTH.total_seconds()))


@given(st.fractions(min_value=-(10**40), max_value=10**40))
def test_a_quantity_is_off_by_half_of_the_last_decimal_at_most(exact: Fraction) -> None:
    found = as_quantity(exact)

    assert abs(Fraction(found) - exact) <= Fraction(1, 2 * 10**QUANTITY_DECIMALS)
    assert as_quantity(-exact) == found.copy_negate()


def test_half_of_the_last_decimal_is_rounded_away_from_zero() -> None:
    assert as_quantity(Fraction(1, 2 * 10**18)) == Decimal("1e-18")
    assert as_quantity(Fraction(-1, 2 * 10**18)) == Decimal("-1e-18")
