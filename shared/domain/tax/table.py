"""The tax engine of our own (port TaxEngine): the catalogue's effective-dated rates, rounded per rate of an invoice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.master_data.catalog import TaxRate
from shared.domain.tax.document import TaxDocument, TaxLine, instant_of
from shared.domain.tax.outcome import Quoted, Recorded, TaxedLine, TaxGap, TaxGapCode
from shared.domain.vat_category import category_of

ANY_COUNTRY = "*"


@dataclass(frozen=True, slots=True)
class TaxTable:
    """The rates that may apply between one seller and one buyer."""

    rates: Sequence[TaxRate]
    seller_country: str
    buyer_country: str

    def rate_at(self, tax_point: datetime, category: str) -> TaxRate | None:
        """Return the rate in force; one for the buyer's own country goes before one for any country."""
        for buyer_country in (self.buyer_country, ANY_COUNTRY):
            for rate in self.rates:
                pair = (rate.seller_country, rate.buyer_country, rate.category)
                if pair == (self.seller_country, buyer_country, category) and tax_point in rate.valid:
                    return rate
        return None


@dataclass(frozen=True, slots=True)
class TableTax:
    """Answers from the table. There is nobody to tell of a document, so whatever is to be recorded is so at once."""

    rates: Sequence[TaxRate]

    def quote(self, document: TaxDocument) -> Quoted:
        table = TaxTable(self.rates, document.seller.country, document.buyer.country)
        kinds = {(line.tax_point, line.category) for line in document.lines}
        rates = {(day, category): table.rate_at(instant_of(day), category) for day, category in kinds}
        taxed: list[TaxedLine] = []
        gaps: list[TaxGap] = []
        for line in document.lines:
            rate = rates[line.tax_point, line.category]
            if rate is None:
                gaps.append(_gap(line, table))
            else:
                taxed.append(_taxed(line, rate))
        return Quoted(tuple(taxed), tuple(gaps))

    def commit(self, document: TaxDocument) -> Recorded:
        return Recorded(document.tax)

    def void(self, document: TaxDocument) -> Recorded:
        del document
        return Recorded()

    def refund(self, original: TaxDocument, credit: TaxDocument) -> Recorded:
        del original
        return Recorded(credit.tax)


def _taxed(line: TaxLine, rate: TaxRate) -> TaxedLine:
    return TaxedLine(
        line=line.number,
        code=rate.code,
        rate=rate.rate,
        vat_category=category_of(rate.rate, rate.vat_category),
        exemption_reason=rate.exemption_reason,
    )


def _gap(line: TaxLine, table: TaxTable) -> TaxGap:
    message = (
        f"no tax rate from {table.seller_country} to {table.buyer_country} for category {line.category!r}"
        f" on {line.tax_point}"
    )
    return TaxGap(code=TaxGapCode.TAX_RATE_MISSING, line=line.number, message=message)
