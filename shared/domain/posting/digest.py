"""A digest of what a document says, so that one posting id can never stand for two contents."""

import hashlib

from shared.domain.posting.document import PostingDocument, PostingLine, PostingTax


def payload_digest(document: PostingDocument) -> str:
    """Return the SHA-256 (hex) of everything the ERP is told."""
    party = document.party
    fields = [
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
    ]
    return hashlib.sha256("\x00".join(fields).encode()).hexdigest()


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


def _tax_fields(tax: PostingTax) -> tuple[str, ...]:
    return tax.code, f"{tax.rate:f}", str(tax.base), str(tax.amount)
