"""Whether an invoice can be credited as it stands in its ERP: of those that book whatever credit memo they are sent."""

from shared.domain.posting.document import PostingDocument
from shared.domain.posting.outcome import PostedDocument, Rejected, RejectionCode


def not_creditable(invoice: PostedDocument, memo: PostingDocument) -> Rejected | None:
    """Return why the invoice, as its ERP shows it, is not what this memo can credit."""
    if invoice.gross.currency != memo.gross.currency:
        text = f"{memo.gross} are credited of invoice {invoice.number}, which came to {invoice.gross}"
        return Rejected.of(RejectionCode.NOT_ITS_INVOICE, text)
    if invoice.gross < memo.gross:
        text = f"invoice {invoice.number} came to {invoice.gross}, less than the {memo.gross} that are credited"
        return Rejected.of(RejectionCode.BEYOND_INVOICE, text)
    return None
