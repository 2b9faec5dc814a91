"""What a document must have before an ERP is called: mappings for everything in it, texts that fit."""

from shared.domain.master_data.catalog import ErpMapping
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.outcome import Rejected, RejectionKind


def missing_mapping(
    document: PostingDocument, mapping: ErpMapping, *, currency: bool = False, settings: tuple[str, ...] = ()
) -> Rejected | None:
    """Return a rejection that names everything without a mapping; None when all of it has one.

    Every ERP needs products and tax codes; whether currencies and which settings, the adapter says.
    """
    missing = [f"product {line.product_id}" for line in document.lines if line.product_id not in mapping.products]
    missing += [f"tax code {line.tax_code}" for line in document.lines if line.tax_code not in mapping.tax_codes]
    if currency and document.gross.currency.code not in mapping.currencies:
        missing.append(f"currency {document.gross.currency}")
    missing += [f"setting {name}" for name in settings if name not in mapping.settings]
    if not missing:
        return None
    return Rejected(RejectionKind.MAPPING, "NOT_MAPPED", "no mapping for " + ", ".join(dict.fromkeys(missing)))


def too_long(document: PostingDocument, *, line_text: int) -> Rejected | None:
    """Return a rejection for a line text the ERP would cut or refuse; None when all fit. We never truncate."""
    for line in document.lines:
        if len(line.description) > line_text:
            text = f"the description of line {line.line_no} has more than {line_text} characters"
            return Rejected(RejectionKind.VALIDATION, "TEXT_TOO_LONG", text)
    return None
