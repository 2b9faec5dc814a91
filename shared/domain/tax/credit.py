"""What a tax engine is told of a credit note: the lines credited, negative, at the tax points of their invoice."""

from dataclasses import replace

from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.invoice import Invoice
from shared.domain.money import EXACT
from shared.domain.posting.document import PostingDocument
from shared.domain.tax.document import DocumentCode, TaxDocument


def credit_document(
    note: CreditNote, posting: PostingDocument, *, invoice: Invoice, original: TaxDocument
) -> TaxDocument:
    """Return the credit of `original`, which is the tax document of the invoice; its lines keep their numbers."""
    amounts = {line.line_id: line.amount for line in note.credited.lines}
    lines = tuple(
        replace(taxed, amount=replace(taxed.amount, amount=EXACT.minus(amounts[line.line_id].amount)))
        for line, taxed in zip(invoice.lines, original.lines, strict=True)
        if line.line_id in amounts
    )
    return replace(
        original,
        code=DocumentCode(posting.external_ref),
        number=posting.human_number,
        document_date=posting.document_date,
        lines=lines,
        tax=-note.credited.tax,
    )
