"""Quantities of a charge: merged over windows before they become a number."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import (
    AggregateState,
    AverageState,
    LatestState,
    LevelsState,
    MaxState,
    MinState,
    SumState,
    TransactionsState,
    UniqueState,
    WindowKey,
    WindowUsage,
)
from shared.domain.metering.carried import CarriedLevel, closing_levels
from shared.domain.metering.levels import Level
from shared.domain.metering.meter import Aggregation
from shared.domain.metering.transactions import Transaction
from shared.domain.rating.charge_models import PerUnit, StairstepByUnit
from shared.domain.rating.quantities import charged_quantity, charged_usage, takes_all
from shared.domain.rating.usage import ChargedUsage, UnitQuantities
from shared.domain.time_period import Period
from shared.domain.usage.event import Dimensions
from tests.builders.billing import API_CALLS, GRADUATED_CALLS, MID_OCTOBER, OCTOBER, calls, price, usage_charge

EUROPE, AMERICA = (("region", "eu"),), (("region", "us"),)
QUARTER_HOUR = timedelta(minutes=15)


def window(state: AggregateState, *, number: int = 0) -> WindowUsage:
    key = WindowKey(CustomerId("acme"), API_CALLS, MID_OCTOBER + number * QUARTER_HOUR, ())
    return WindowUsage(key, 1, state)


def quantity(
    *windows: WindowUsage, opening: Sequence[CarriedLevel] = (), service_period: Period = OCTOBER.period
) -> Decimal | None:
    return charged_quantity(windows, GRADUATED_CALLS, service_period, billing_period=OCTOBER.period, opening=opening)


def by_region(
    *windows: WindowUsage, opening: Sequence[CarriedLevel] = (), service_period: Period = OCTOBER.period
) -> ChargedUsage:
    model = StairstepByUnit(dimension="region", steps=())
    return charged_usage(
        windows, GRADUATED_CALLS, model, service_period, billing_period=OCTOBER.period, opening=opening
    )


def latest(value: int, dimensions: Dimensions = (), *, number: int = 0) -> WindowUsage:
    at = MID_OCTOBER + number * QUARTER_HOUR
    key = WindowKey(CustomerId("acme"), API_CALLS, at, dimensions)
    return WindowUsage(key, 1, LatestState(at, "crm", f"seats-{value}", Decimal(value)))


def levels(value: int, dimensions: Dimensions = (), *, at: datetime = MID_OCTOBER) -> WindowUsage:
    key = WindowKey(CustomerId("acme"), API_CALLS, at, dimensions)
    return WindowUsage(key, 1, LevelsState((Level(at, "crm", f"seats-{value}", Decimal(value)),)))


def carried(
    value: int,
    aggregation: Aggregation,
    dimensions: Dimensions = (),
    *,
    at: datetime = OCTOBER.start - timedelta(days=40),
) -> CarriedLevel:
    level = Level(at, "crm", f"seats-{value}", Decimal(value))
    return CarriedLevel(meter=API_CALLS, aggregation=aggregation, dimensions=dimensions, level=level)


def test_counts_of_all_windows_add_up() -> None:
    assert quantity(calls(3), calls(4, at=MID_OCTOBER + QUARTER_HOUR)) == Decimal(7)


def test_a_user_seen_in_two_windows_is_one_user() -> None:
    seen_twice = [window(UniqueState(frozenset({"ann"}))), window(UniqueState(frozenset({"ann", "bob"})), number=1)]

    assert quantity(*seen_twice) == Decimal(2)


def test_payments_come_to_their_sum() -> None:
    paid = [
        window(TransactionsState((Transaction(MID_OCTOBER, "shop", amount, Decimal(amount)),)), number=number)
        for number, amount in enumerate(("40", "999.5"))
    ]

    assert quantity(*paid) == Decimal("1039.5")


def test_the_greatest_value_of_the_period_counts_once() -> None:
    assert quantity(window(MaxState(Decimal(5))), window(MaxState(Decimal(9)), number=1)) == Decimal(9)


def test_there_is_no_quantity_without_usage() -> None:
    assert quantity() is None


def test_usage_outside_the_service_period_belongs_to_another() -> None:
    until_noon = Period(OCTOBER.start, MID_OCTOBER)

    assert quantity(calls(3), service_period=until_noon) is None


def test_a_charge_takes_all_windows_that_lie_within_its_service_period() -> None:
    early, late = calls(1, at=MID_OCTOBER - QUARTER_HOUR), calls(1, at=MID_OCTOBER)
    until_noon, from_noon = Period(OCTOBER.start, MID_OCTOBER), Period(MID_OCTOBER, OCTOBER.end)
    european = usage_charge(price(PerUnit(Decimal(1))), match=EUROPE)

    assert takes_all([late, early], GRADUATED_CALLS, OCTOBER.period)
    assert takes_all([early], GRADUATED_CALLS, until_noon)
    assert not takes_all([late, early], GRADUATED_CALLS, until_noon)
    assert not takes_all([late, early], GRADUATED_CALLS, from_noon)
    assert not takes_all([calls(1, dimensions=EUROPE)], european, OCTOBER.period)


def test_a_charge_takes_only_the_dimensions_it_matches() -> None:
    european = usage_charge(price(PerUnit(Decimal(1))), match=EUROPE)
    windows = [calls(3, dimensions=EUROPE), calls(4, dimensions=AMERICA), calls(5)]

    quantity = charged_quantity(windows, european, OCTOBER.period, billing_period=OCTOBER.period)

    assert quantity == Decimal(3)


def test_the_least_value_of_the_period_counts_once() -> None:
    assert quantity(window(MinState(Decimal(5))), window(MinState(Decimal(9)), number=1)) == Decimal(5)


def test_an_average_is_of_all_measurements_and_not_of_windows() -> None:
    busy, quiet = window(AverageState(Decimal(30), 3)), window(AverageState(Decimal(2), 1), number=1)

    assert quantity(busy, quiet) == Decimal(8)


def test_the_latest_levels_of_all_groups_are_added() -> None:
    """Five seats in Europe and three in America are eight, whoever reported last."""
    europe, america, grown = latest(5, EUROPE), latest(3, AMERICA, number=1), latest(6, EUROPE, number=2)

    assert quantity(grown, america, europe) == Decimal(9)


def test_seats_that_were_reported_before_are_billed_until_they_change() -> None:
    before = carried(5, Aggregation.LATEST)

    assert quantity(opening=[before]) == Decimal(5)
    assert quantity(latest(7), opening=[before]) == Decimal(7)
    assert quantity(latest(0), opening=[before]) == Decimal(0)


def test_seats_are_not_billed_again_for_a_subscription_that_starts_within_the_month() -> None:
    from_mid_october = Period(MID_OCTOBER, OCTOBER.end)

    assert quantity(opening=[carried(5, Aggregation.LATEST)], service_period=from_mid_october) is None


def test_storage_counts_for_as_long_as_it_is_held() -> None:
    """October has 745 hours in Berlin. 1490 GB are held in its last hour, and 745 GB that carried in before that."""
    last_hour = OCTOBER.end - timedelta(hours=1)

    assert quantity(levels(1490, at=last_hour), opening=[carried(745, Aggregation.WEIGHTED_SUM)]) == Decimal(746)


def test_storage_of_a_subscription_that_starts_within_the_month_counts_for_its_part_of_the_month() -> None:
    last_hour = Period(OCTOBER.end - timedelta(hours=1), OCTOBER.end)

    assert quantity(levels(1490), service_period=last_hour) == Decimal(2)


def test_storage_of_all_groups_is_added() -> None:
    last_hour = OCTOBER.end - timedelta(hours=1)
    disks = [levels(745, dimensions, at=last_hour) for dimensions in (EUROPE, AMERICA)]

    assert quantity(*disks) == Decimal(2)


def test_a_charge_takes_only_the_levels_it_matches() -> None:
    european = usage_charge(price(PerUnit(Decimal(1))), match=EUROPE)
    opening = [carried(5, Aggregation.LATEST, EUROPE), carried(3, Aggregation.LATEST, AMERICA)]

    quantity = charged_quantity([], european, OCTOBER.period, billing_period=OCTOBER.period, opening=opening)

    assert quantity == Decimal(5)


def test_each_kind_of_unit_has_a_quantity_of_its_own_also_what_has_no_kind() -> None:
    """Regions are the kinds here: calls of two, some without any, of windows that are merged."""
    windows = [calls(3, dimensions=EUROPE), calls(4, dimensions=AMERICA), calls(5), calls(2, dimensions=EUROPE)]

    assert by_region(*windows) == UnitQuantities((("", Decimal(5)), ("eu", Decimal(5)), ("us", Decimal(4))))


def test_levels_of_each_kind_of_unit_carry_on() -> None:
    """745 hours are October in Berlin; in its last one there are 1490 more in Europe."""
    opening = [
        carried(7, Aggregation.WEIGHTED_SUM),
        carried(2, Aggregation.WEIGHTED_SUM, AMERICA),
        carried(1, Aggregation.WEIGHTED_SUM, EUROPE),
    ]
    grown = levels(1491, EUROPE, at=OCTOBER.end - timedelta(hours=1))

    assert by_region(grown, opening=opening) == UnitQuantities(
        (("", Decimal(7)), ("eu", Decimal(3)), ("us", Decimal(2)))
    )


def test_a_kind_of_unit_that_was_used_in_another_part_of_the_month_has_no_quantity() -> None:
    from_noon = Period(MID_OCTOBER, OCTOBER.end)
    windows = [calls(3, dimensions=EUROPE), calls(4, dimensions=AMERICA, at=OCTOBER.start)]

    assert by_region(*windows, service_period=from_noon) == UnitQuantities((("eu", Decimal(3)),))


def test_a_level_carries_on_until_it_is_zero() -> None:
    opening = closing_levels([], [latest(5, EUROPE), levels(31, AMERICA)])

    assert closing_levels(opening, [latest(0, EUROPE, number=4)]) == (
        carried(31, Aggregation.WEIGHTED_SUM, AMERICA, at=MID_OCTOBER),
    )


reported = st.builds(
    lambda value, number, dimensions: latest(value, dimensions, number=number),
    st.integers(0, 3),
    st.integers(0, 9),
    st.sampled_from([EUROPE, AMERICA]),
)


@given(st.lists(reported, max_size=8), st.data())
def test_periods_close_as_one_period_would(usage: list[WindowUsage], data: st.DataObject) -> None:
    ordered = sorted(usage, key=lambda one: one.key.window_start)
    cut = data.draw(st.integers(0, len(ordered)))

    assert closing_levels(closing_levels([], ordered[:cut]), ordered[cut:]) == closing_levels([], ordered)


@given(st.lists(st.decimals(min_value=0, max_value=10**9, places=6), min_size=1, max_size=8), st.data())
def test_splitting_a_window_changes_nothing(amounts: list[Decimal], data: st.DataObject) -> None:
    whole = [window(SumState(amount), number=number) for number, amount in enumerate(amounts)]
    cut = data.draw(st.integers(min_value=0, max_value=len(amounts) - 1))
    halves = [window(SumState(amounts[cut] - 1), number=cut), window(SumState(Decimal(1)), number=cut)]

    assert quantity(*whole[:cut], *halves, *whole[cut + 1 :]) == quantity(*whole)


@given(st.lists(st.frozensets(st.sampled_from("abcdef")), min_size=1), st.randoms(use_true_random=False))
def test_the_order_of_windows_changes_nothing(seen: list[frozenset[str]], random: Random) -> None:
    windows = [window(UniqueState(hashes), number=number) for number, hashes in enumerate(seen)]
    shuffled = list(windows)
    random.shuffle(shuffled)

    assert quantity(*shuffled) == quantity(*windows)
