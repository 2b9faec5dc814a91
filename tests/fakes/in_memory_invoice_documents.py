"""Documents of invoices in memory (port InvoiceDocuments): the first write of each wins, as in the bucket."""

from shared.domain.invoice_document.document import DocumentId, InvoiceDocument
from shared.ports.invoice_documents import DocumentFormat


class InMemoryInvoiceDocuments:
    def __init__(self) -> None:
        self.files: dict[tuple[DocumentId, DocumentFormat], bytes] = {}
        self._kept: dict[DocumentId, InvoiceDocument] = {}
        self._postponed: set[DocumentId] = set()

    def kept(self, of: DocumentId) -> InvoiceDocument | None:
        return self._kept.get(of)

    def keep(self, document: InvoiceDocument) -> InvoiceDocument:
        return self._kept.setdefault(document.document_id, document)

    def add(self, document: InvoiceDocument, of: DocumentFormat, content: bytes) -> None:
        self.files.setdefault((document.document_id, of), content)

    def postpone(self, of: DocumentId) -> None:
        self._postponed.add(of)

    def was_postponed(self, of: DocumentId) -> bool:
        return of in self._postponed
