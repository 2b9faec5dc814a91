"""tax_rates.yaml: what a sale from one country into others is taxed."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.values import Boundary, CatalogModel, Country, CountryOrAny, Rate, Text
from shared.domain.master_data.catalog import TaxRate


class TaxRateEntry(CatalogModel):
    """One row for each buyer country; "*" is any country without a row of its own."""

    code: Text
    seller: Country
    buyers: Annotated[tuple[CountryOrAny, ...], Field(min_length=1)]
    category: Text = "standard"
    rate: Rate
    valid_from: Boundary | None = None  # since always
    valid_until: Boundary | None = None

    def to_domain(self, *, path: str, zone: ZoneInfo, faults: Faults) -> tuple[TaxRate, ...]:
        valid = faults.period(path, self.valid_from, self.valid_until, zone)
        if valid is None:
            return ()
        return tuple(
            TaxRate(
                code=self.code,
                seller_country=self.seller,
                buyer_country=buyer,
                category=self.category,
                rate=self.rate,
                valid=valid,
            )
            for buyer in self.buyers
        )

    @classmethod
    def of(cls, rate: TaxRate) -> "TaxRateEntry":
        return cls(
            code=rate.code,
            seller=rate.seller_country,
            buyers=(rate.buyer_country,),
            category=rate.category,
            rate=rate.rate,
            valid_from=rate.valid.start,
            valid_until=rate.valid.end,
        )
