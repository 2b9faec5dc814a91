"""Printing a document for people."""

from typing import Protocol

from shared.domain.invoice_document.document import InvoiceDocument


class UnprintableDocumentError(ValueError):
    """The document lacks what a format needs, or says what it cannot say, such as a letter that no font here has."""


class DocumentPrinter(Protocol):
    def print(self, document: InvoiceDocument) -> bytes:
        """Return the PDF; the same document gives the same bytes. Raises UnprintableDocumentError."""
