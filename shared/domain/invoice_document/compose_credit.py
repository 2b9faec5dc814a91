"""Compose the document of a credit note from the note and what its invoice's document said.

Parties and references are those of the invoice, since the two are read together: whatever has changed in the catalogue.
"""

from dataclasses import replace
from decimal import Decimal

from shared.domain.invoice_document.compose import document_tax
from shared.domain.invoice_document.document import CreditedInvoice, DocumentLine, InvoiceDocument
from shared.domain.invoice_document.quantities import one_unit
from shared.domain.invoicing.credit_note import CreditedLine, CreditNote
from shared.domain.invoicing.invoice import Invoice
from shared.domain.posting.compose import NotIssuedError
from shared.domain.vat_category import category_of


def compose_credit_document(note: CreditNote, invoice: Invoice, said: InvoiceDocument) -> InvoiceDocument:
    """Return the document of an issued credit note of an invoice; raise NotIssuedError for any other.

    `said` is the document of that invoice.
    """
    if note.number is None or note.credit_note_date is None:
        raise NotIssuedError(note.credit_note_id)
    invoiced = {line.line_id: document for line, document in zip(invoice.lines, said.lines, strict=True)}
    figures = note.credited
    return replace(
        said,
        number=note.number,
        issue_date=note.credit_note_date,
        due_date=None,
        payment_terms=None,
        lines=tuple(_line(n, line, invoiced[line.line_id]) for n, line in enumerate(figures.lines, start=1)),
        taxes=tuple(map(document_tax, figures.taxes)),
        net=figures.net,
        tax=figures.tax,
        gross=figures.gross,
        converted=note.converted,
        credits=CreditedInvoice(
            number=note.invoice_number,
            issue_date=said.issue_date,
            reason=note.request.reason,
            request_id=note.request.request_id,
            purpose=note.request.purpose,
        ),
    )


def _line(number: int, line: CreditedLine, invoiced: DocumentLine) -> DocumentLine:
    """Return what is credited of a line: an amount, which is of no quantity and worked out of no price."""
    return replace(
        invoiced,
        line_no=number,
        quantity=Decimal(1),
        unit="",
        price="",
        parts=(),
        invoiced=one_unit(line.amount.amount),
        amount=line.amount,
        vat_category=category_of(line.tax_rate, line.vat_category),
        tax_rate=line.tax_rate,
        adjusts=None,
    )
