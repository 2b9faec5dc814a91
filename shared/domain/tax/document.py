"""What any tax engine is asked about: one document with its parties, and for each line the day that sets its rate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import NewType
from zoneinfo import ZoneInfo

from shared.domain.identifiers import CustomerId, LegalEntityId, ProductId
from shared.domain.invoicing.invoice import Invoice, InvoiceLine
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.master_data.customer import Customer
from shared.domain.master_data.party import PostalAddress
from shared.domain.money import Currency, Money, total
from shared.domain.posting.compose import posting_id
from shared.domain.posting.document import external_ref
from shared.domain.time_period import Period, last_local_day

# The key of a document in every engine, which is also the one inside the ERP's: at most 50 characters.
DocumentCode = NewType("DocumentCode", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSeller:
    legal_entity_id: LegalEntityId
    country: str
    address: PostalAddress | None
    vat_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxBuyer:
    customer_id: CustomerId
    name: str
    country: str
    address: PostalAddress | None
    tax_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLine:
    """`number` counts from 1 in the order of the invoice; `tax_point` is the local day whose rate applies."""

    number: int
    product_id: ProductId
    description: str
    category: str  # our tax category of the product
    amount: Money  # without tax, rounded; what is credited is negative
    tax_point: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxDocument:
    """`number` is the legal one, empty as long as there is none. `tax` is what the document says, None for a quote."""

    code: DocumentCode
    number: str
    document_date: date
    currency: Currency
    seller: TaxSeller
    buyer: TaxBuyer
    lines: tuple[TaxLine, ...]
    tax: Money | None = None

    @property
    def net(self) -> Money:
        return total((line.amount for line in self.lines), self.currency)


def tax_point(service_period: Period, zone: ZoneInfo) -> date:
    """Return the last local day of the service, whose rate applies.

    A service over time is supplied when its period ends, whenever the invoice follows.
    """
    return last_local_day(service_period, zone)


def instant_of(tax_point: date) -> datetime:
    """Return noon UTC of a tax point: the same day whether a table starts its rates at midnight UTC or a local one."""
    return datetime.combine(tax_point, time(12), UTC)


def quoted_document(invoice: Invoice, *, seller: LegalEntity, buyer: Customer) -> TaxDocument:
    """Return what to ask about a draft. It has no date yet; the last tax point stands for it."""
    lines = _lines(invoice.lines, buyer.time_zone)
    tax_points = [line.tax_point for line in lines] or [tax_point(invoice.billing_period.period, buyer.time_zone)]
    return TaxDocument(
        code=document_code(invoice),
        number="",
        document_date=max(tax_points),
        currency=invoice.net.currency,
        seller=TaxSeller(
            legal_entity_id=seller.legal_entity_id,
            country=seller.country,
            address=seller.details.address,
            vat_id=seller.details.vat_id,
        ),
        buyer=TaxBuyer(
            customer_id=buyer.customer_id,
            name=buyer.name,
            country=buyer.country,
            address=buyer.details.address,
            tax_id=buyer.tax_id,
        ),
        lines=lines,
    )


def issued_document(invoice: Invoice, *, seller: LegalEntity, buyer: Customer) -> TaxDocument:
    """Return what to tell of an issued invoice: its number, its date and the tax that it says."""
    assert invoice.number is not None
    assert invoice.invoice_date is not None
    quoted = quoted_document(invoice, seller=seller, buyer=buyer)
    return replace(quoted, number=invoice.number, document_date=invoice.invoice_date, tax=invoice.tax)


def document_code(invoice: Invoice) -> DocumentCode:
    """Name an invoice's revision in its tax engine as in its ERP."""
    name = posting_id(invoice.invoice_id, invoice.revision)
    return DocumentCode(external_ref(tenant=invoice.tenant, posting_id=name))


def _lines(lines: Sequence[InvoiceLine], zone: ZoneInfo) -> tuple[TaxLine, ...]:
    return tuple(
        TaxLine(
            number=number,
            product_id=line.product_id,
            description=line.description,
            category=line.tax_category,
            amount=line.amount,
            tax_point=tax_point(line.service_period, zone),
        )
        for number, line in enumerate(lines, start=1)
    )
