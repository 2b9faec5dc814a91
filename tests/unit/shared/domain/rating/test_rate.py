"""Rating a quantity: what each model charges, and the laws that hold whatever the quantity."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.money import EXACT
from shared.domain.rating.charge_models import Flat, Graduated, PerUnit, QuantityBeyondTiersError, Tier
from shared.domain.rating.rate import rate
from shared.domain.rating.rated_charge import RatedPart
from tests.builders.billing import TEN_CENTS_THEN_FIVE

SETUP_THEN_CHEAPER = Graduated(
    (Tier(Decimal(10), Decimal(10), Decimal(2)), Tier(Decimal(20), Decimal(5), Decimal(3)), Tier(None, Decimal(5)))
)

quantities = st.decimals(min_value=0, max_value=Decimal("1e15"), places=6, allow_nan=False)
prices = st.decimals(min_value=0, max_value=1000, places=9, allow_nan=False)


@st.composite
def graduated_models(draw: st.DrawFn) -> Graduated:
    limits = sorted(draw(st.sets(st.integers(min_value=1, max_value=10**9), max_size=4)))
    bounds = [*map(Decimal, limits), None]
    return Graduated(tuple(Tier(bound, draw(prices), draw(prices)) for bound in bounds))


def amount(parts: tuple[RatedPart, ...]) -> Decimal:
    result = Decimal(0)
    for part in parts:
        result = EXACT.add(result, part.amount)
    return result


def test_a_flat_price_is_due_whatever_the_usage() -> None:
    assert amount(rate(usage=Decimal(1), model=Flat(Decimal(99)))) == Decimal(99)


def test_every_unit_costs_the_same_per_unit() -> None:
    assert amount(rate(usage=Decimal("123.456"), model=PerUnit(Decimal("0.5")))) == Decimal("61.728")


def test_graduated_charges_each_tier_its_own_price() -> None:
    parts = rate(usage=Decimal(150), model=TEN_CENTS_THEN_FIVE)

    assert [(part.label, part.quantity, part.amount) for part in parts] == [
        ("tier 1: to 100", Decimal(100), Decimal("10.00")),
        ("tier 2: above 100", Decimal(50), Decimal("2.50")),
    ]


def test_a_tier_holds_its_upper_limit() -> None:
    assert len(rate(usage=Decimal(100), model=TEN_CENTS_THEN_FIVE)) == 1


def test_the_first_tiers_flat_amount_is_due_without_usage() -> None:
    assert amount(rate(usage=Decimal(0), model=SETUP_THEN_CHEAPER)) == Decimal(2)


def test_a_later_tiers_flat_amount_is_due_once_it_is_entered() -> None:
    assert amount(rate(usage=Decimal(10), model=SETUP_THEN_CHEAPER)) == Decimal(102)
    assert amount(rate(usage=Decimal("10.000001"), model=SETUP_THEN_CHEAPER)) == Decimal("105.000005")


def test_units_that_no_tier_takes_are_not_given_away() -> None:
    model = Graduated((Tier(Decimal(10), Decimal(1)),))

    with pytest.raises(QuantityBeyondTiersError, match="above 10"):
        rate(usage=Decimal(11), model=model)


def test_no_digit_is_lost_between_the_smallest_price_and_the_largest_quantity() -> None:
    quantity = Decimal("999999999999999.999999999999999999")

    (part,) = rate(usage=quantity, model=PerUnit(Decimal("0.000000000001")))

    assert part.amount == Decimal("999.999999999999999999999999999999")


@given(quantity=quantities, model=graduated_models())
def test_parts_sum_to_the_whole_quantity(quantity: Decimal, model: Graduated) -> None:
    taken = Decimal(0)
    for part in rate(usage=quantity, model=model):
        taken = EXACT.add(taken, part.quantity)

    assert taken == quantity


@given(quantity=quantities, model=graduated_models())
def test_each_part_shows_its_arithmetic(quantity: Decimal, model: Graduated) -> None:
    for part in rate(usage=quantity, model=model):
        assert part.amount == EXACT.add(EXACT.multiply(part.quantity, part.unit_price), part.flat_amount)


@given(quantities, quantities, graduated_models())
def test_more_usage_never_costs_less(one: Decimal, other: Decimal, model: Graduated) -> None:
    less, more = sorted([one, other])

    assert amount(rate(usage=less, model=model)) <= amount(rate(usage=more, model=model))


@given(quantity=quantities, unit_price=prices)
def test_one_tier_without_an_end_is_a_unit_price(quantity: Decimal, unit_price: Decimal) -> None:
    graduated = Graduated((Tier(None, unit_price),))

    assert amount(rate(usage=quantity, model=graduated)) == amount(rate(usage=quantity, model=PerUnit(unit_price)))
