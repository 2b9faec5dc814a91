"""Money adds up: one rounding mode, no mixing, splits that lose nothing."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.money import Currency, CurrencyMismatchError, Money, UnknownCurrencyError, currency, total

EUR = currency("EUR")


def eur(amount: str) -> Money:
    return Money(Decimal(amount), EUR)


@pytest.mark.parametrize(
    ("amount", "code", "rounded"),
    [
        ("0.005", "EUR", "0.01"),
        ("-0.005", "EUR", "-0.01"),
        ("2.675", "EUR", "2.68"),
        ("1.5", "JPY", "2"),
        ("0.0005", "KWD", "0.001"),
        ("0.00005", "CLF", "0.0001"),
    ],
)
def test_rounds_half_away_from_zero_to_the_currencys_minor_unit(amount: str, code: str, rounded: str) -> None:
    assert str(Money(Decimal(amount), currency(code)).rounded().amount) == rounded


def test_ten_euros_over_three_parts_lose_no_cent_and_the_first_part_takes_it() -> None:
    assert eur("10.00").allocate([Decimal(1)] * 3) == (eur("3.34"), eur("3.33"), eur("3.33"))


def test_the_cent_that_is_left_over_goes_to_the_part_that_lost_most_of_it() -> None:
    assert eur("10.00").allocate([Decimal(1), Decimal(2)]) == (eur("3.33"), eur("6.67"))


def test_a_credit_splits_as_exactly_as_a_charge() -> None:
    assert total(eur("-10.00").allocate([Decimal(1)] * 3), EUR) == eur("-10.00")


def test_an_amount_of_forty_digits_is_rounded_and_split_to_the_cent() -> None:
    huge = eur("12345678901234567890123456789012345678.905")

    assert huge.rounded() == eur("12345678901234567890123456789012345678.91")
    assert huge.rounded().allocate([Decimal(1), Decimal(2)]) == (
        eur("4115226300411522630041152263004115226.30"),
        eur("8230452600823045260082304526008230452.61"),
    )


def test_euros_and_dollars_do_not_add() -> None:
    with pytest.raises(CurrencyMismatchError, match=r"^EUR and USD do not mix$"):
        eur("1") + Money(Decimal(1), currency("USD"))


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownCurrencyError, match=r"^'EURO' is not an ISO 4217 currency code$"):
        currency("EURO")


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_money_is_finite(amount: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        Money(Decimal(amount), EUR)


def test_an_unrounded_amount_is_not_allocated() -> None:
    with pytest.raises(ValueError, match=r"^only a rounded amount can be allocated$"):
        eur("0.005").allocate([Decimal(1)])


def test_nothing_is_allocated_over_no_weight() -> None:
    with pytest.raises(ValueError, match=r"^allocation needs weights of at least zero with a positive sum$"):
        eur("1.00").allocate([Decimal(0)])


@given(
    minor=st.integers(-(10**12), 10**12),
    weights=st.lists(st.decimals(0, 10**6, places=3), min_size=1, max_size=20).filter(lambda w: sum(w) > 0),
    code=st.sampled_from(["JPY", "EUR", "KWD", "CLF"]),
)
def test_parts_always_sum_to_the_whole(minor: int, weights: list[Decimal], code: str) -> None:
    of: Currency = currency(code)
    whole = Money(Decimal(minor) * of.minor_unit, of)

    assert total(whole.allocate(weights), of).amount == whole.amount


@given(
    quantity=st.decimals(Decimal("1e-18"), Decimal("1e15"), places=18),
    price=st.decimals(0, 1000, places=12),
)
def test_quantity_times_price_is_exact(quantity: Decimal, price: Decimal) -> None:
    product = Money(price, EUR) * quantity

    assert Fraction(product.amount) == Fraction(price) * Fraction(quantity)


def test_a_sum_is_of_one_currency() -> None:
    assert total([eur("1.50"), Money(Decimal(2), Currency("EUR", 2))], EUR) == eur("3.50")
    with pytest.raises(CurrencyMismatchError, match=r"^EUR and USD do not mix$"):
        total([eur("1.50"), Money(Decimal(2), currency("USD"))], EUR)
