"""Documents in the currency of the books: parts that sum, and credits that come to exactly what they credit."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.currency_exchange.converted import Converted, converted, converted_after
from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.money import Money, currency, total

EUR, USD = currency("EUR"), currency("USD")
RATE = ExchangeRate(base=EUR, quote=USD, rate=Decimal("1.1172"), published_on=date(2026, 10, 30), source="ECB")


def dollars(amount: Decimal | str) -> Money:
    return Money(Decimal(amount), USD).rounded()


def euros(amount: str) -> Money:
    return Money(Decimal(amount), EUR)


def test_net_and_tax_are_rounded_and_gross_is_their_sum() -> None:
    assert converted(dollars("100.00"), dollars("19.00"), RATE) == Converted(
        rate=RATE, net=euros("89.51"), tax=euros("17.01"), gross=euros("106.52")
    )


@given(
    st.lists(
        st.tuples(
            st.decimals(min_value=0, max_value=10**6, places=2), st.decimals(min_value=0, max_value=10**5, places=2)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_credits_that_end_complete_come_to_what_the_invoice_came_to(parts: list[tuple[Decimal, Decimal]]) -> None:
    credits_, net_before, tax_before = [], dollars("0"), dollars("0")
    for net, tax in parts:
        credits_.append(converted_after(dollars(net), dollars(tax), RATE, net_before=net_before, tax_before=tax_before))
        net_before, tax_before = net_before + dollars(net), tax_before + dollars(tax)

    invoice = converted(net_before, tax_before, RATE)
    assert total((one.net for one in credits_), EUR) == invoice.net
    assert total((one.tax for one in credits_), EUR) == invoice.tax
    assert total((one.gross for one in credits_), EUR) == invoice.gross
