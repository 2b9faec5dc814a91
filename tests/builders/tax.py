"""Invoices with their tax from the table, and documents as a tax engine is told them."""

from shared.domain.invoicing.invoice import Invoice
from shared.domain.master_data.catalog import LegalEntity, TaxRate
from shared.domain.master_data.customer import Customer
from shared.domain.tax.document import quoted_document
from shared.domain.tax.on_invoice import with_tax
from shared.domain.tax.table import TableTax
from tests.builders.billing import ACME, german_vat, nimbus


def taxed(invoice: Invoice, *rates: TaxRate, seller: LegalEntity | None = None, buyer: Customer = ACME) -> Invoice:
    """Return the draft as calculate_tax leaves it, by German VAT unless other rates are given."""
    document = quoted_document(invoice, seller=seller or nimbus(), buyer=buyer)
    return with_tax(invoice, TableTax(rates or (german_vat(),)).quote(document), tax_id=buyer.tax_id)
