"""Invoices as PDF by Typst (port DocumentPrinter)."""

import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final

import typst

from shared.adapters.typst.page import page_of
from shared.domain.invoice_document.document import InvoiceDocument
from shared.ports.document_printer import UnprintableDocumentError

HERE = Path(__file__).parent
TEMPLATE = HERE / "invoice.typ"
FONTS = HERE / "fonts"  # fonts beside those that Typst brings, for scripts that those have no letters of
ARCHIVAL: Final = "a-2a"  # PDF/A: it stays readable for as long as it has to be kept, also to a screen reader


class TypstInvoicePrinter:
    """Knows the fonts of Typst and of the folder `fonts`, never the machine's: the same input gives the same bytes."""

    def __init__(self) -> None:
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[FONTS] if FONTS.is_dir() else [])
        self._compiler = typst.Compiler(TEMPLATE, root=HERE, font_paths=fonts)

    def print(self, document: InvoiceDocument) -> bytes:
        try:
            pdf = self._compiler.compile(
                format="pdf",
                sys_inputs={"page": json.dumps(page_of(document))},
                pdf_standards=ARCHIVAL,
                timestamp=datetime.combine(document.issue_date, time(), UTC),
            )
        except typst.TypstError as error:
            raise UnprintableDocumentError(error.message) from error
        assert isinstance(pdf, bytes)
        return pdf
