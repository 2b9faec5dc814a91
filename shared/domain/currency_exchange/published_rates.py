"""Exchange rates as sources publish them, day by day, and which of them a document of a day is converted at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.money import Currency

DEFAULT_MAX_AGE = timedelta(days=7)  # daily rates over the longest holidays


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRates:
    """What 1 of `base` was in `quote`, by day of publication. A source has one rate of two currencies a day."""

    source: str
    base: Currency
    quote: Currency
    rates: tuple[tuple[date, Decimal], ...]

    def last_before(self, day: date) -> ExchangeRate | None:
        """Return the rate that was published last before a day. That of the day itself may yet come."""
        known = max((one for one in self.rates if one[0] < day), default=None)
        if known is None:
            return None
        published_on, rate = known
        return ExchangeRate(base=self.base, quote=self.quote, rate=rate, published_on=published_on, source=self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSource:
    """Whose rates a legal entity converts at, and how many days before a document they may have been published."""

    source: str
    max_age: timedelta = DEFAULT_MAX_AGE


@dataclass(frozen=True, slots=True)
class RateMissing:
    """Why there is no rate, in words for whoever keeps the rates."""

    reason: str


def rate_between(
    document: Currency,
    books: Currency,
    *,
    on: date,
    by: RateSource | None,
    published: Iterable[PublishedRates],
) -> ExchangeRate | RateMissing:
    """Return the rate that a document of a day is converted at into the currency of its legal entity's books.

    It is the last one that the entity's source published before that day, in whichever direction.
    """
    if by is None:
        return RateMissing(
            f"{document} is converted into {books}, and the legal entity names no exchange_rates to do so"
        )
    pair = {document, books}
    tables = (one for one in published if one.source == by.source and {one.base, one.quote} == pair)
    known = (rate for table in tables if (rate := table.last_before(on)) is not None)
    rate = max(known, key=lambda one: one.published_on, default=None)
    if rate is None:
        return RateMissing(f"{by.source} has published no rate of {document} and {books} before {on}")
    if on - rate.published_on > by.max_age:
        return RateMissing(f"the last rate before {on} is older than {by.max_age.days} days: {rate}")
    return rate
