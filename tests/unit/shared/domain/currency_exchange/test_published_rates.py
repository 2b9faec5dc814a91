"""Which rate a document is converted at: the last one before its date, of its entity's source, and not too old."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.currency_exchange.published_rates import PublishedRates, RateMissing, RateSource, rate_between
from shared.domain.money import currency
from tests.builders.billing import EUR
from tests.builders.exchange_rates import FRIDAY, USD, published_rates

GBP = currency("GBP")
SATURDAY, MONDAY = date(2026, 10, 31), date(2026, 11, 2)


ECB = published_rates((date(2026, 10, 29), "1.1130"), (FRIDAY, "1.1172"), (MONDAY, "1.1201"))


def rate_on(
    day: date, *tables: PublishedRates, source: str = "ECB", max_age_days: int = 7
) -> ExchangeRate | RateMissing:
    by = RateSource(source=source, max_age=timedelta(days=max_age_days))
    return rate_between(USD, EUR, on=day, by=by, published=tables or (ECB,))


@pytest.mark.parametrize(
    ("day", "published_on", "rate"),
    [
        (FRIDAY, date(2026, 10, 29), "1.1130"),  # that of the day itself comes in the afternoon
        (SATURDAY, FRIDAY, "1.1172"),
        (MONDAY, FRIDAY, "1.1172"),
        (date(2026, 11, 9), MONDAY, "1.1201"),  # seven days old
    ],
)
def test_the_rate_of_a_document_is_the_last_one_before_its_date(day: date, published_on: date, rate: str) -> None:
    assert rate_on(day) == ExchangeRate(
        base=EUR, quote=USD, rate=Decimal(rate), published_on=published_on, source="ECB"
    )


def test_a_document_in_the_base_currency_takes_the_same_rate() -> None:
    assert rate_between(EUR, USD, on=MONDAY, by=RateSource(source="ECB"), published=[ECB]) == rate_on(MONDAY)


def test_rates_that_were_added_later_count_as_if_they_had_always_been_there() -> None:
    added = published_rates((date(2026, 11, 3), "1.1300"))

    assert rate_on(date(2026, 11, 4), added, ECB) == added.last_before(date(2026, 11, 4))
    assert rate_on(date(2026, 11, 3), added, ECB) == ECB.last_before(date(2026, 11, 3))


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (rate_on(date(2026, 11, 10)), "older than 7 days"),
        (rate_on(date(2026, 11, 5), max_age_days=2), "older than 2 days"),
        (rate_on(date(2026, 10, 29)), "no rate of USD and EUR before 2026-10-29"),
        (rate_on(MONDAY, source="treasury"), "treasury has published no rate"),
        (rate_between(GBP, EUR, on=MONDAY, by=RateSource(source="ECB"), published=[ECB]), "no rate of GBP and EUR"),
        (rate_between(USD, EUR, on=MONDAY, by=None, published=[ECB]), "names no exchange_rates"),
    ],
)
def test_what_is_missing_is_named(found: ExchangeRate | RateMissing, reason: str) -> None:
    assert isinstance(found, RateMissing)
    assert reason in found.reason
