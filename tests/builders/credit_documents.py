"""Credit notes of Nimbus for ACME, and the documents that go out for them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from shared.domain.identifiers import CreditNoteNumber
from shared.domain.invoice_document.compose import compose_document
from shared.domain.invoice_document.compose_credit import compose_credit_document
from shared.domain.invoice_document.document import InvoiceDocument
from shared.domain.invoicing.credit_note import Credited, CreditNote, CreditNoteState, LinesCredit, WholeCredit
from shared.domain.invoicing.credit_note_issue import drafted
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceTax
from tests.builders.credit_notes import a_request
from tests.builders.invoice_documents import STANDARD, issued_invoice, sources, usual_lines


def issued_credit(
    invoice: Invoice, credit: WholeCredit | LinesCredit | None = None, *, earlier: Sequence[Credited] = ()
) -> CreditNote:
    """Return the credit note that the request sla-7 comes to; of all that is left by default."""
    return replace(
        drafted(a_request(invoice, credit), invoice, earlier),
        state=CreditNoteState.ISSUED,
        number=CreditNoteNumber("DE-CN-000003"),
        credit_note_date=date(2026, 11, 20),
    )


def credit_document(
    *lines: InvoiceLine,
    credit: WholeCredit | LinesCredit | None = None,
    earlier: Sequence[WholeCredit | LinesCredit] = (),
    taxes: Sequence[InvoiceTax] = (STANDARD,),
) -> InvoiceDocument:
    """Return what goes out for a credit of an invoice of these lines, after the `earlier` ones of it."""
    invoice = issued_invoice(*(lines or usual_lines()), taxes=taxes)
    credited: list[Credited] = []
    for one in earlier:
        credited.append(issued_credit(invoice, one, earlier=credited).credited)
    note = issued_credit(invoice, credit, earlier=credited)
    return compose_credit_document(note, invoice, compose_document(invoice, sources()))
