"""tax_rates.yaml: what a sale from one country into others is taxed."""

from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.values import Boundary, CatalogModel, Country, CountryOrAny, OptionalText, Rate, Text
from shared.domain.master_data.catalog import TaxRate
from shared.domain.vat_category import VatCategory


class TaxRateEntry(CatalogModel):
    """One row for each buyer country; "*" is any country without a row of its own."""

    code: Text
    seller: Country
    buyers: Annotated[tuple[CountryOrAny, ...], Field(min_length=1)]
    category: Text = "standard"
    rate: Rate
    valid_from: Boundary | None = None  # since always
    valid_until: Boundary | None = None
    vat_category: VatCategory | None = None  # of a rate above zero S; that of zero is not known
    exemption_reason: OptionalText = ""

    @model_validator(mode="after")
    def _category_fits_rate(self) -> Self:
        if self.vat_category is not None and (self.vat_category is VatCategory.STANDARD) != (self.rate > 0):
            raise PydanticCustomError(
                "INVALID_VALUE", "vat_category S is for rates above zero; Z, E, AE, G and O are for a rate of zero"
            )
        if self.vat_category is VatCategory.EXEMPT and not self.exemption_reason:
            raise PydanticCustomError("INVALID_VALUE", "vat_category E needs the exemption_reason that the law names")
        return self

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
                vat_category=self.vat_category,
                exemption_reason=self.exemption_reason,
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
            vat_category=rate.vat_category,
            exemption_reason=rate.exemption_reason,
        )
