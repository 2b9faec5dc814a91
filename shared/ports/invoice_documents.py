"""What customers were sent for issued invoices. Nothing that is kept is ever replaced."""

from enum import StrEnum
from typing import Protocol

from shared.domain.identifiers import InvoiceId
from shared.domain.invoice_document.document import InvoiceDocument


class DocumentFormat(StrEnum):
    PDF = "pdf"
    UBL = "xml"


class InvoiceDocuments(Protocol):
    def kept(self, invoice_id: InvoiceId, revision: int) -> InvoiceDocument | None:
        """Return what the documents of an invoice say, as it was kept; None while nothing is."""

    def keep(self, document: InvoiceDocument) -> InvoiceDocument:
        """Keep what an invoice's documents say, unless that is kept already; return what is kept."""

    def add(self, document: InvoiceDocument, of: DocumentFormat, content: bytes) -> None:
        """Store a rendering of a kept document, unless there is one of this format."""

    def postpone(self, invoice_id: InvoiceId, revision: int) -> None:
        """Note that an invoice could not be rendered when it was asked for."""

    def was_postponed(self, invoice_id: InvoiceId, revision: int) -> bool: ...
