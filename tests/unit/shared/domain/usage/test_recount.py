"""What the ledger says of a window, in figures that a recount comes to as well."""

from datetime import timedelta
from decimal import Decimal

import pytest

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import (
    AggregateState,
    AverageState,
    CountState,
    LatestState,
    LevelsState,
    MaxState,
    SumState,
    UniqueState,
    WindowKey,
    WindowUsage,
)
from shared.domain.metering.levels import Level
from shared.domain.usage.recount import Counted, Difference, counted_by_ledger
from tests.fakes.usage import OCCURRED_AT

START = OCCURRED_AT.replace(minute=0, second=0, microsecond=0)
WINDOW = WindowKey(CustomerId("acme"), MeterCode("api_calls"), START, (("region", "eu"),))
MINUTE = timedelta(minutes=1)


def level(minute: int, value: int) -> Level:
    return Level(START + minute * MINUTE, "urn:acme:gateway", f"call-{minute}", Decimal(value))


@pytest.mark.parametrize(
    ("state", "quantity"),
    [
        (SumState(Decimal("25.0")), "25"),
        (CountState(3), "3"),
        (MaxState(Decimal(7)), "7"),
        (LatestState(START, "urn:acme:gateway", "call-1", Decimal(4)), "4"),
        (UniqueState(frozenset({"0a", "1b"})), "2"),
    ],
)
def test_a_window_counts_as_the_quantity_of_its_state(state: AggregateState, quantity: str) -> None:
    assert counted_by_ledger(WindowUsage(WINDOW, 3, state)) == Counted(3, Decimal(quantity))


def test_an_average_counts_as_its_total_which_nothing_has_rounded() -> None:
    assert counted_by_ledger(WindowUsage(WINDOW, 3, AverageState(Decimal(10), 3))) == Counted(3, Decimal(10))


def test_levels_count_for_the_seconds_that_each_holds_in_its_window() -> None:
    """10 for five minutes, then 4 for the ten that are left; what was there before the first one is not asked."""
    levels = LevelsState((level(0, 10), level(5, 4)))

    assert counted_by_ledger(WindowUsage(WINDOW, 2, levels)) == Counted(2, Decimal(10 * 300 + 4 * 600))


def test_a_difference_names_its_window_and_both_sides() -> None:
    difference = Difference(WINDOW, Counted(0, Decimal(0)), Counted(1, Decimal("25.0")))

    assert str(difference) == "api_calls 2026-01-15T10:00Z region=eu: ledger 0 events, 0; archive 1 events, 25"
