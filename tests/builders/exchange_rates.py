"""A legal entity with books in dollars while acme is invoiced in euros, and the rates of a bank it converts at."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.currency_exchange.published_rates import PublishedRates, RateSource
from shared.domain.master_data.approval_policy import ApprovalPolicy
from shared.domain.master_data.catalog import Catalog
from shared.domain.money import currency
from tests.builders.billing import EUR, catalog, nimbus

USD = currency("USD")
FRIDAY, SUNDAY = date(2026, 10, 30), date(2026, 11, 1)
FRIDAYS_RATE = ExchangeRate(base=EUR, quote=USD, rate=Decimal("1.1172"), published_on=FRIDAY, source="ECB")


def published_rates(*rates: tuple[date, str], source: str = "ECB") -> PublishedRates:
    """Return what 1 EUR was in USD."""
    return PublishedRates(source=source, base=EUR, quote=USD, rates=tuple((day, Decimal(rate)) for day, rate in rates))


def with_books_in_dollars(*rates: tuple[date, str], approval: ApprovalPolicy | None = None) -> Catalog:
    entity = replace(nimbus(approval=approval), functional_currency=USD, exchange_rates=RateSource(source="ECB"))
    return replace(catalog(entity=entity), exchange_rates=(published_rates(*rates),) if rates else ())
