"""What customers were sent for issued invoices and credit notes. Nothing that is kept is ever replaced."""

from enum import StrEnum
from typing import Protocol

from shared.domain.invoice_document.document import DocumentId, InvoiceDocument


class DocumentFormat(StrEnum):
    PDF = "pdf"
    UBL = "xml"


class InvoiceDocuments(Protocol):
    def kept(self, of: DocumentId) -> InvoiceDocument | None:
        """Return what a document says, as it was kept; None while nothing is."""

    def keep(self, document: InvoiceDocument) -> InvoiceDocument:
        """Keep what a document says, unless that is kept already; return what is kept."""

    def add(self, document: InvoiceDocument, of: DocumentFormat, content: bytes) -> None:
        """Store a rendering of a kept document, unless there is one of this format."""

    def postpone(self, of: DocumentId) -> None:
        """Note that a document could not be rendered when it was asked for."""

    def was_postponed(self, of: DocumentId) -> bool: ...


class DocumentRequests(Protocol):
    def request(self, of: DocumentId) -> None:
        """Ask for a document to be rendered; asking twice renders it once."""
