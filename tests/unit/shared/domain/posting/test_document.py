"""The rate of a document as an ERP takes it: of one currency into the other, and 15 characters long at most."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.money import currency
from tests.builders.posting import a_document


@pytest.mark.parametrize(
    ("base", "quote", "rate", "told"),
    [
        ("EUR", "USD", "1.1172", "1.1172"),
        ("USD", "EUR", "1.1172", "0.8950948800573"),
        ("EUR", "IDR", "20275.17", "20275.17"),
        ("IDR", "EUR", "20275.17", "0.0000493214"),
        ("EUR", "IDR", "20275.123456789012345", "20275.123456789"),
    ],
)
def test_it_is_what_one_of_the_document_is_worth_in_the_books(base: str, quote: str, rate: str, told: str) -> None:
    published = ExchangeRate(
        base=currency(base), quote=currency(quote), rate=Decimal(rate), published_on=date(2026, 10, 30), source="ECB"
    )
    document = replace(a_document(), rate=published)

    assert document.exchange_rate is not None
    assert f"{document.exchange_rate:f}".startswith(told)
    assert len(f"{document.exchange_rate:f}") <= 15


def test_a_document_in_the_currency_of_the_books_has_none() -> None:
    assert a_document().exchange_rate is None
