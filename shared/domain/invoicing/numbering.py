"""Legal invoice numbers: one gapless series per legal entity, whose dates never go back."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from shared.domain.identifiers import InvoiceNumber, LegalEntityId
from shared.domain.master_data.catalog import LegalEntity

NUMBER_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSeries:
    """How far a series has come. `last` is the number given last, 0 before the first."""

    legal_entity_id: LegalEntityId
    prefix: str
    last: int = 0
    last_date: date = date.min

    @property
    def last_number(self) -> InvoiceNumber:
        return InvoiceNumber(f"{self.prefix}{self.last:0{NUMBER_DIGITS}d}")


def advanced(series: InvoiceSeries, *, today: date) -> InvoiceSeries:
    """Return the series with one more number, dated today or, where clocks disagree, on its last date."""
    return replace(series, last=series.last + 1, last_date=max(today, series.last_date))


def posting_date(invoice_date: date, entity: LegalEntity) -> date:
    """Return the invoice date, or the first day that is still open where it lies in a closed period."""
    if entity.closed_through is None or invoice_date > entity.closed_through:
        return invoice_date
    return entity.closed_through + timedelta(days=1)
