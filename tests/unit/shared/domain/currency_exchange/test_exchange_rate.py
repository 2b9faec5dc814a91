"""An exchange rate: either way, exact to the last digit, rounded once."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.money import CurrencyMismatchError, Money, currency


def a_rate(rate: str, *, base: str = "EUR", quote: str = "USD") -> ExchangeRate:
    return ExchangeRate(
        base=currency(base), quote=currency(quote), rate=Decimal(rate), published_on=date(2026, 10, 30), source="ECB"
    )


def money(amount: str, code: str) -> Money:
    return Money(Decimal(amount), currency(code))


@pytest.mark.parametrize(
    ("rate", "amount", "converted"),
    [
        (a_rate("1.1172"), money("100.00", "EUR"), money("111.72", "USD")),
        (a_rate("1.1172"), money("111.72", "USD"), money("100.00", "EUR")),
        (a_rate("1.1172"), money("-111.72", "USD"), money("-100.00", "EUR")),
        (a_rate("175.68", quote="JPY"), money("1000", "JPY"), money("5.69", "EUR")),
        (a_rate("0.344", quote="KWD"), money("1.00", "EUR"), money("0.344", "KWD")),
        (a_rate("6"), money("6.03", "USD"), money("1.01", "EUR")),  # 1.005 exactly: half away from zero
        (a_rate("1.1172"), money("0.00", "USD"), money("0.00", "EUR")),
    ],
)
def test_it_converts_into_the_other_currency_and_rounds_once(
    rate: ExchangeRate, amount: Money, converted: Money
) -> None:
    assert rate.converted(amount) == converted


def test_it_says_nothing_of_a_third_currency() -> None:
    with pytest.raises(CurrencyMismatchError):
        a_rate("1.1172").converted(money("1.00", "GBP"))


@given(
    amount=st.decimals(min_value=-(10**12), max_value=10**12, places=2),
    rate=st.decimals(min_value=Decimal("0.000001"), max_value=100_000, places=6),
)
def test_what_it_comes_to_is_off_by_half_a_cent_at_most(amount: Decimal, rate: Decimal) -> None:
    dollars = a_rate(str(rate)).converted(Money(amount, currency("EUR"))).amount
    euros = a_rate(str(rate)).converted(Money(amount, currency("USD"))).amount

    assert abs(dollars - amount * rate) <= Decimal("0.005")
    assert abs(euros * rate - amount) <= Decimal("0.005") * rate
