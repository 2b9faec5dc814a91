"""Quantities of a charge: merged over windows before they become a number."""

from datetime import timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import AggregateState, MaxState, SumState, UniqueState, WindowKey, WindowUsage
from shared.domain.rating.charge_models import PerUnit
from shared.domain.rating.quantities import charged_quantity
from shared.domain.time_period import Period
from tests.builders.billing import API_CALLS, GRADUATED_CALLS, MID_OCTOBER, OCTOBER, calls, price, usage_charge

EUROPE, AMERICA = (("region", "eu"),), (("region", "us"),)
QUARTER_HOUR = timedelta(minutes=15)


def window(state: AggregateState, *, number: int = 0) -> WindowUsage:
    key = WindowKey(CustomerId("acme"), API_CALLS, MID_OCTOBER + number * QUARTER_HOUR, ())
    return WindowUsage(key, 1, state)


def quantity(*windows: WindowUsage) -> Decimal | None:
    return charged_quantity(windows, GRADUATED_CALLS, OCTOBER.period)


def test_counts_of_all_windows_add_up() -> None:
    assert quantity(calls(3), calls(4, at=MID_OCTOBER + QUARTER_HOUR)) == Decimal(7)


def test_a_user_seen_in_two_windows_is_one_user() -> None:
    seen_twice = [window(UniqueState(frozenset({"ann"}))), window(UniqueState(frozenset({"ann", "bob"})), number=1)]

    assert quantity(*seen_twice) == Decimal(2)


def test_the_greatest_value_of_the_period_counts_once() -> None:
    assert quantity(window(MaxState(Decimal(5))), window(MaxState(Decimal(9)), number=1)) == Decimal(9)


def test_there_is_no_quantity_without_usage() -> None:
    assert quantity() is None


def test_usage_outside_the_service_period_belongs_to_another() -> None:
    until_noon = Period(OCTOBER.start, MID_OCTOBER)

    assert charged_quantity([calls(3)], GRADUATED_CALLS, until_noon) is None


def test_a_charge_takes_only_the_dimensions_it_matches() -> None:
    european = usage_charge(price(PerUnit(Decimal(1))), match=EUROPE)
    windows = [calls(3, dimensions=EUROPE), calls(4, dimensions=AMERICA), calls(5)]

    assert charged_quantity(windows, european, OCTOBER.period) == Decimal(3)


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
