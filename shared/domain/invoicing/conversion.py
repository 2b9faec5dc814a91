"""The rate that a document is converted at into the currency of its legal entity's books."""

from collections.abc import Callable, Iterable
from datetime import date

from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.currency_exchange.published_rates import PublishedRates, RateMissing, rate_between
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Currency


class ExchangeRateMissingError(Exception):
    """There was a rate when the invoice was validated, and none is young enough now that it would be issued."""


def conversion_rate(
    document: Currency, entity: LegalEntity, *, on: date, published: Callable[[], Iterable[PublishedRates]]
) -> ExchangeRate | RateMissing | None:
    """Return the rate of a document that is dated on a day; None for one in the currency of the books."""
    books = entity.functional_currency
    if document == books:
        return None
    return rate_between(document, books, on=on, by=entity.exchange_rates, published=published())
