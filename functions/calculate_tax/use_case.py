"""Put tax on a draft, by the tax point of each line. What is missing for it gives the draft an issue."""

from dataclasses import replace

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.buyer import buyer_of, concerned
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.tax.document import quoted_document
from shared.domain.tax.on_invoice import with_tax
from shared.domain.tax.outcome import TaxUnavailable
from shared.ports.invoices import Invoices
from shared.ports.master_data import MasterData
from shared.ports.tax import TaxEngines


class InvoiceNotFoundError(LookupError):
    """There is no such invoice: build_invoice comes first."""


class PartyNotFoundError(LookupError):
    """The published master data does not know the invoice's legal entity or one of its customers."""


class TaxEngineUnavailableError(Exception):
    """The tax engine does not answer. The draft says so already; a retry after a pause may find it back."""


def calculate_tax(
    invoice_id: InvoiceId, revision: int, *, invoices: Invoices, master_data: MasterData, engines: TaxEngines
) -> Invoice:
    """Return the invoice with its tax. One that is no draft any more has it already and is returned as it is."""
    stored = invoices.read(invoice_id, revision)
    if stored is None:
        raise InvoiceNotFoundError(invoice_id)
    invoice = stored.invoice
    if invoice.state is not InvoiceState.DRAFT:
        return invoice
    master_data.version()
    seller = master_data.legal_entity(invoice.legal_entity_id)
    buyer = buyer_of(invoice, master_data.accounts(concerned(invoice)))
    if seller is None or buyer is None:
        raise PartyNotFoundError(f"{invoice.legal_entity_id}, {', '.join(concerned(invoice))}")
    document = quoted_document(invoice, seller=seller, buyer=buyer)
    quotation = engines.engine_for(seller.legal_entity_id).quote(document)
    taxed = with_tax(invoice, quotation, tax_id=buyer.tax_id)
    if taxed != invoice:
        invoices.save(replace(stored, invoice=taxed, version=stored.version + 1))
    if isinstance(quotation, TaxUnavailable):
        raise TaxEngineUnavailableError(quotation.reason)
    return taxed
