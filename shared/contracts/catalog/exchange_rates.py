"""exchange_rates.yaml: rates as sources publish them; and whose rates a legal entity converts at."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Self, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.catalog.values import CatalogModel, CurrencyCode, Day, PositiveAmount, Text
from shared.domain.currency_exchange.published_rates import DEFAULT_MAX_AGE, PublishedRates, RateSource
from shared.domain.money import currency

MOST_RATES = 10_000  # of one source and pair, which are one record: 39 years of working days
OLDEST_DAYS = 366
_DAY = timedelta(days=1)
# Either way around, what an ERP takes of it has four digits that count, at least.
_Rate: TypeAlias = Annotated[PositiveAmount, Field(ge=Decimal("0.000000001"), le=Decimal(1_000_000_000))]


class ExchangeRatesEntry(CatalogModel):
    """1 of `base` is so much of `quote`, by day of publication."""

    source: Text
    base: CurrencyCode
    quote: CurrencyCode
    rates: Annotated[dict[Day, _Rate], Field(min_length=1, max_length=MOST_RATES)]

    @model_validator(mode="after")
    def _is_of_two(self) -> Self:
        if self.base == self.quote:
            raise PydanticCustomError("INVALID_VALUE", "rates are those of two currencies")
        return self

    def to_domain(self) -> PublishedRates:
        return PublishedRates(
            source=self.source,
            base=currency(self.base),
            quote=currency(self.quote),
            rates=tuple(sorted(self.rates.items())),
        )

    @classmethod
    def of(cls, published: PublishedRates) -> "ExchangeRatesEntry":
        return cls(
            source=published.source,
            base=published.base.code,
            quote=published.quote.code,
            rates=dict(published.rates),
        )


class RateSourceEntry(CatalogModel):
    source: Text
    max_age_days: int = Field(default=DEFAULT_MAX_AGE // _DAY, ge=1, le=OLDEST_DAYS)

    def to_domain(self) -> RateSource:
        return RateSource(source=self.source, max_age=self.max_age_days * _DAY)

    @classmethod
    def of(cls, source: RateSource) -> "RateSourceEntry":
        return cls(source=source.source, max_age_days=source.max_age // _DAY)
