"""Compose the document that an ERP is told from an issued invoice and the master data of its parties."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

from shared.domain.identifiers import InvoiceId, PostingId
from shared.domain.invoicing.credit_note import CreditedLine
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceTax
from shared.domain.invoicing.numbering import posting_date
from shared.domain.master_data.catalog import Contract, ErpMapping, LegalEntity
from shared.domain.master_data.customer import Customer
from shared.domain.money import Currency, total
from shared.domain.posting.document import (
    DocumentKind,
    PostingDocument,
    PostingLine,
    PostingParty,
    PostingTax,
    external_ref,
)
from shared.domain.time_period import local_days


class NotIssuedError(ValueError):
    """Only an invoice with number and dates becomes a document."""


def posting_id(invoice_id: InvoiceId, revision: int) -> PostingId:
    """Name the posting of an invoice's revision; the state machine writes the same name."""
    return PostingId(f"{invoice_id}/r{revision}")


def compose(
    invoice: Invoice, *, contract: Contract, customer: Customer, entity: LegalEntity, not_before: date = date.min
) -> PostingDocument:
    """Return the document of an issued invoice; raise NotIssuedError for any other.

    It is posted on the invoice date, or on the first day that is open: the catalogue says through which day periods are
    closed, `not_before` is known otherwise.
    """
    if invoice.number is None or invoice.invoice_date is None or invoice.due_date is None:
        raise NotIssuedError(invoice.invoice_id)
    posting = posting_id(invoice.invoice_id, invoice.revision)
    return PostingDocument(
        tenant=invoice.tenant,
        posting_id=posting,
        external_ref=external_ref(tenant=invoice.tenant, posting_id=posting),
        kind=DocumentKind.INVOICE,
        legal_entity_id=invoice.legal_entity_id,
        human_number=invoice.number,
        document_date=invoice.invoice_date,
        posting_date=max(posting_date(invoice.invoice_date, entity), not_before),
        due_date=invoice.due_date,
        party=party_of(customer),
        lines=tuple(
            posting_line(number, line, quantity=line.quantity, zone=customer.time_zone, erp=entity.erp)
            for number, line in enumerate(invoice.lines, start=1)
        ),
        taxes=taxes_of(invoice.taxes, invoice.net.currency),
        net=invoice.net,
        tax=invoice.tax,
        gross=invoice.gross,
        purchase_order=contract.purchase_order,
        rate=invoice.converted.rate if invoice.converted else None,
    )


def party_of(customer: Customer) -> PostingParty:
    return PostingParty(
        customer_id=customer.customer_id,
        name=customer.name,
        country=customer.country,
        tax_id=customer.tax_id,
        email=customer.email,
    )


def taxes_of(taxes: Sequence[InvoiceTax], currency: Currency) -> tuple[PostingTax, ...]:
    """Return one tax for each code and rate: an ERP has no use for the reasons why a rate is zero."""
    return tuple(_taxes(taxes, currency))


def _taxes(all_taxes: Sequence[InvoiceTax], currency: Currency) -> Iterator[PostingTax]:
    ordered = sorted(all_taxes, key=lambda tax: (tax.code, tax.rate))
    for (code, rate), group in groupby(ordered, key=lambda tax: (tax.code, tax.rate)):
        taxes = list(group)
        base, amount = (total(amounts, currency) for amounts in ([t.base for t in taxes], [t.amount for t in taxes]))
        yield PostingTax(code=code, rate=rate, base=base, amount=amount)


def posting_line(
    number: int, line: InvoiceLine | CreditedLine, *, quantity: Decimal, zone: ZoneInfo, erp: ErpMapping
) -> PostingLine:
    """Return a line of an issued invoice, or what is credited of one, as an ERP is told of it."""
    first, last = local_days(line.service_period, zone)
    assert line.tax_rate is not None, "no line is issued without its tax"
    return PostingLine(
        line_no=number,
        product_id=line.product_id,
        description=line.description,
        quantity=quantity,
        amount=line.amount,
        tax_code=line.tax_code,
        tax_rate=line.tax_rate,
        service_from=first,
        service_to=last,
        dimensions=erp.dimensions_of(line.product_id),
    )
