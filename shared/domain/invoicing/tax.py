"""Tax from an effective-dated table: the rate by each line's tax point, the amount per rate on the invoice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceTax
from shared.domain.invoicing.totals import totals
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.catalog import LegalEntity, TaxRate
from shared.domain.master_data.customer import Customer
from shared.domain.money import total
from shared.domain.time_period import Period, local_days

TAX_RATE_MISSING = "TAX_RATE_MISSING"
ANY_COUNTRY = "*"


@dataclass(frozen=True, slots=True)
class TaxTable:
    """The rates that may apply between one seller and one buyer."""

    rates: tuple[TaxRate, ...]
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


def tax_point(service_period: Period, zone: ZoneInfo) -> datetime:
    """Return the instant whose tax rate applies: noon UTC of the last local day of the service.

    A service over time is supplied when its period ends, whenever the invoice follows. Noon keeps the day the same
    whether the table starts its rates at midnight UTC or at a local one.
    """
    _, last_day = local_days(service_period, zone)
    return datetime.combine(last_day, time(12), UTC)


def with_tax(invoice: Invoice, *, rates: tuple[TaxRate, ...], seller: LegalEntity, buyer: Customer) -> Invoice:
    """Return the invoice with its taxes, or with an issue for each line that no rate covers; doing it twice is same."""
    table = TaxTable(rates, seller.country, buyer.country)
    found = [
        table.rate_at(tax_point(line.service_period, buyer.time_zone), line.tax_category) for line in invoice.lines
    ]
    lines = tuple(
        replace(line, tax_code=rate.code if rate else "") for line, rate in zip(invoice.lines, found, strict=True)
    )
    taxes = tuple(_taxes([(line, rate) for line, rate in zip(lines, found, strict=True) if rate is not None]))
    sums = totals(lines, taxes, invoice.net.currency)
    others = tuple(issue for issue in invoice.issues if issue.code != TAX_RATE_MISSING)
    missing = tuple(_missing(line, table) for line in lines if not line.tax_code)
    return replace(
        invoice, lines=lines, taxes=taxes, net=sums.net, tax=sums.tax, gross=sums.gross, issues=others + missing
    )


def _taxes(taxed: Sequence[tuple[InvoiceLine, TaxRate]]) -> Iterator[InvoiceTax]:
    by_rate = sorted(taxed, key=lambda pair: (pair[1].code, pair[1].rate))
    for (code, rate), group in groupby(by_rate, key=lambda pair: (pair[1].code, pair[1].rate)):
        amounts = [line.amount for line, _ in group]
        base = total(amounts, amounts[0].currency)
        yield InvoiceTax(code=code, rate=rate, base=base, amount=(base * rate).rounded())


def _missing(line: InvoiceLine, table: TaxTable) -> Issue:
    message = (
        f"no tax rate from {table.seller_country} to {table.buyer_country} for category {line.tax_category!r}"
        f" at the end of {line.service_period}"
    )
    return Issue(severity=Severity.CRITICAL, code=TAX_RATE_MISSING, message=message, path=line.line_id)
