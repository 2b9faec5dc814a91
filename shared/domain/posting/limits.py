"""What a document must have before an ERP is called: mappings for everything in it, texts that fit."""

from collections.abc import Iterator

from shared.domain.master_data.catalog import ErpMapping
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.outcome import Rejected, RejectionKind
from shared.domain.posting.systems.erp_system import ErpSystem


def unfit(
    document: Document, mapping: ErpMapping, system: ErpSystem, *, settings: tuple[str, ...] = ()
) -> Rejected | None:
    """Return a rejection that names everything the ERP would not take; None when it would. We never cut a text.

    `settings` are those that this very document needs beside the required ones.
    """
    if document.kind not in system.capabilities.kinds:
        text = f"no {document.kind} of ours is posted to {system.title}"
        return Rejected(RejectionKind.CONFIGURATION, "KIND_NOT_SUPPORTED", text)
    missing = dict.fromkeys(_missing(document, mapping, system, settings))
    if missing:
        return Rejected(RejectionKind.MAPPING, "NOT_MAPPED", "no mapping for " + ", ".join(missing))
    too_long = tuple(_too_long(document, system))
    if too_long:
        return Rejected(RejectionKind.VALIDATION, "TEXT_TOO_LONG", "; ".join(too_long))
    most = system.capabilities.as_set(mapping.settings).lines_of(document.kind)
    if len(document.lines) > most:
        text = f"{len(document.lines)} lines; {system.title} takes {most}"
        return Rejected(RejectionKind.VALIDATION, "TOO_MANY_LINES", text)
    return None


def _missing(document: Document, mapping: ErpMapping, system: ErpSystem, settings: tuple[str, ...]) -> Iterator[str]:
    if isinstance(document, Journal):
        yield from (f"account {line.account}" for line in document.lines if not mapping.has_account(line.account))
    else:
        yield from (f"product {line.product_id}" for line in document.lines if line.product_id not in mapping.products)
        yield from (f"tax code {line.tax_code}" for line in document.lines if line.tax_code not in mapping.tax_codes)
    if system.mapping.names_currencies and document.gross.currency.code not in mapping.currencies:
        yield f"currency {document.gross.currency}"
    for line in document.lines:
        yield from (f"dimension {name}" for name, _ in line.dimensions if name not in mapping.dimensions)
    needed = (*system.mapping.required_settings, *settings)
    yield from (f"setting {name}" for name in needed if name not in mapping.settings)


def _too_long(document: Document, system: ErpSystem) -> Iterator[str]:
    widths = system.widths
    yield from _over("the number", document.human_number, widths.number)
    if isinstance(document, Journal):
        for side in document.lines:
            yield from _over(f"the text of line {side.line_no}", side.text, widths.journal_text or widths.line_text)
        return
    for line in document.lines:
        yield from _over(f"the description of line {line.line_no}", line.description, widths.line_text)
    yield from _over("the purchase order", document.purchase_order, widths.purchase_order)
    yield from _over("the customer's name", document.party.name, widths.customer_name)


def _over(what: str, text: str, width: int | None) -> Iterator[str]:
    if width is not None and len(text) > width:
        yield f"{what} has more than {width} characters"
