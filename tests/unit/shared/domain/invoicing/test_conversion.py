"""At which rate a document is converted into the currency of its legal entity's books."""

from datetime import date

from shared.domain.currency_exchange.published_rates import PublishedRates, RateMissing
from shared.domain.invoicing.conversion import conversion_rate
from tests.builders.billing import EUR, nimbus
from tests.builders.exchange_rates import FRIDAY, FRIDAYS_RATE, SUNDAY, USD, published_rates, with_books_in_dollars

(IN_DOLLARS,) = with_books_in_dollars().legal_entities
TABLES = [published_rates((FRIDAY, "1.1172")), published_rates((FRIDAY, "2"), source="another bank")]


def nobody_asks() -> list[PublishedRates]:
    raise AssertionError("no rate is needed")


def test_a_document_is_converted_at_the_last_rate_of_the_entitys_source_before_its_day() -> None:
    assert conversion_rate(EUR, IN_DOLLARS, on=SUNDAY, published=lambda: TABLES) == FRIDAYS_RATE


def test_a_document_in_the_currency_of_the_books_needs_no_rate() -> None:
    assert conversion_rate(EUR, nimbus(), on=SUNDAY, published=nobody_asks) is None
    assert conversion_rate(USD, IN_DOLLARS, on=SUNDAY, published=nobody_asks) is None


def test_without_a_rate_before_its_day_it_says_so() -> None:
    found = conversion_rate(EUR, IN_DOLLARS, on=date(2026, 10, 30), published=lambda: TABLES)

    assert found == RateMissing("ECB has published no rate of EUR and USD before 2026-10-30")
