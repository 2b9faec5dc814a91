"""A digest of what a document says, so that one posting id can never stand for two contents."""

import hashlib

from shared.domain.posting.document import PostingDocument, PostingLine, PostingTax
from shared.domain.posting.journal import Document, Journal, JournalLine


def payload_digest(document: Document) -> str:
    """Return the SHA-256 (hex) of everything the ERP is told."""
    fields = _journal_fields(document) if isinstance(document, Journal) else _document_fields(document)
    return hashlib.sha256("\x00".join(fields).encode()).hexdigest()


def _document_fields(document: PostingDocument) -> tuple[str, ...]:
    party = document.party
    return (
        document.external_ref,
        document.kind.value,
        document.legal_entity_id,
        document.human_number,
        document.document_date.isoformat(),
        document.posting_date.isoformat(),
        document.due_date.isoformat(),
        document.purchase_order,
        *(party.customer_id, party.name, party.country, party.tax_id, party.email),
        *(field for line in document.lines for field in _line_fields(line)),
        *(field for tax in document.taxes for field in _tax_fields(tax)),
        *(str(document.net), str(document.tax), str(document.gross)),
        *((document.corrects.human_number, document.corrects.erp_ref) if document.corrects else ()),
        *((str(document.rate),) if document.rate else ()),
    )


def _journal_fields(journal: Journal) -> tuple[str, ...]:
    return (
        journal.external_ref,
        journal.kind.value,
        journal.legal_entity_id,
        journal.human_number,
        journal.document_date.isoformat(),
        journal.posting_date.isoformat(),
        journal.text,
        *(field for line in journal.lines for field in _journal_line_fields(line)),
        *((journal.reverses,) if journal.reverses else ()),
    )


def _line_fields(line: PostingLine) -> tuple[str, ...]:
    return (
        str(line.line_no),
        line.product_id,
        line.description,
        f"{line.quantity:f}",
        str(line.amount),
        line.tax_code,
        f"{line.tax_rate:f}",
        line.service_from.isoformat(),
        line.service_to.isoformat(),
        *(f"{name}={value}" for name, value in line.dimensions),
    )


def _journal_line_fields(line: JournalLine) -> tuple[str, ...]:
    return (
        str(line.line_no),
        line.account,
        str(line.amount),
        line.text,
        line.customer_id or "",
        *(f"{name}={value}" for name, value in line.dimensions),
    )


def _tax_fields(tax: PostingTax) -> tuple[str, ...]:
    return tax.code, f"{tax.rate:f}", str(tax.base), str(tax.amount)
