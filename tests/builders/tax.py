"""Invoices with their tax from the table, and documents as a tax engine is told them."""

from datetime import date
from decimal import Decimal

from shared.domain.identifiers import CustomerId, LegalEntityId, ProductId
from shared.domain.invoicing.invoice import Invoice
from shared.domain.master_data.catalog import LegalEntity, TaxRate
from shared.domain.master_data.customer import Customer
from shared.domain.master_data.party import PostalAddress
from shared.domain.money import Money, currency
from shared.domain.tax.document import DocumentCode, TaxBuyer, TaxDocument, TaxLine, TaxSeller, quoted_document
from shared.domain.tax.intent import TaxIntent, TaxIntentId, TaxOperation, new_tax_intent
from shared.domain.tax.on_invoice import with_tax
from shared.domain.tax.table import TableTax
from tests.builders.billing import ACME, SECOND_OF_NOVEMBER, TENANT, euros, german_vat, nimbus


def taxed(invoice: Invoice, *rates: TaxRate, seller: LegalEntity | None = None, buyer: Customer = ACME) -> Invoice:
    """Return the draft as calculate_tax leaves it, by German VAT unless other rates are given."""
    document = quoted_document(invoice, seller=seller or nimbus(), buyer=buyer)
    return with_tax(invoice, TableTax(rates or (german_vat(),)).quote(document), tax_id=buyer.tax_id)


BERLIN = PostalAddress(lines=("Chausseestr. 8",), city="Berlin", postal_code="10115")
AUSTIN = PostalAddress(lines=("500 Congress Ave",), city="Austin", region="TX", postal_code="78701")
FIRST_OF_NOVEMBER = date(2026, 11, 1)
END_OF_OCTOBER = date(2026, 10, 31)


def tax_line(number: int, amount: str, *, tax_point: date = END_OF_OCTOBER, code: str = "EUR") -> TaxLine:
    return TaxLine(
        number=number,
        product_id=ProductId("api"),
        description="API requests",
        category="standard",
        amount=Money(Decimal(amount), currency(code)),
        tax_point=tax_point,
    )


def a_tax_document(
    *lines: TaxLine,
    code: str = "JBSWY3DPEHPK3PXP",
    country: str = "DE",
    address: PostalAddress | None = BERLIN,
    tax_id: str = "",
    tax: Money | None = None,
) -> TaxDocument:
    """Return what acme in Berlin, or elsewhere, is sold from Berlin in October 2026: 99.00 and 12.50 euros."""
    sold = lines or (tax_line(1, "99.00"), tax_line(2, "12.50"))
    return TaxDocument(
        code=DocumentCode(code),
        number="DE-000001",
        document_date=FIRST_OF_NOVEMBER,
        currency=sold[0].amount.currency,
        seller=TaxSeller(legal_entity_id=LegalEntityId("nimbus-de"), country="DE", address=BERLIN, vat_id=""),
        buyer=TaxBuyer(
            customer_id=CustomerId("acme"), name="ACME Corporation", country=country, address=address, tax_id=tax_id
        ),
        lines=sold,
        tax=tax,
    )


def a_tax_intent(
    document: TaxDocument | None = None,
    *,
    name: str = "acme-2026/2026-10/r1",
    operation: TaxOperation = TaxOperation.COMMIT,
    original: TaxDocument | None = None,
    accounting_period: str = "2026-11",
) -> TaxIntent:
    """Return the intent to record acme's October, issued on the second of November with 21.19 euros of tax."""
    return new_tax_intent(
        TaxIntentId(name),
        operation,
        document or a_tax_document(tax=euros("21.19")),
        tenant=TENANT,
        accounting_period=accounting_period,
        created_at=SECOND_OF_NOVEMBER,
        original=original,
    )
