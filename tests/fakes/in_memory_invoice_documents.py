"""Documents of invoices in memory (port InvoiceDocuments): the first write of each wins, as in the bucket."""

from shared.domain.identifiers import InvoiceId
from shared.domain.invoice_document.document import InvoiceDocument
from shared.ports.invoice_documents import DocumentFormat


class InMemoryInvoiceDocuments:
    def __init__(self) -> None:
        self.files: dict[tuple[InvoiceId, int, DocumentFormat], bytes] = {}
        self._kept: dict[tuple[InvoiceId, int], InvoiceDocument] = {}
        self._postponed: set[tuple[InvoiceId, int]] = set()

    def kept(self, invoice_id: InvoiceId, revision: int) -> InvoiceDocument | None:
        return self._kept.get((invoice_id, revision))

    def keep(self, document: InvoiceDocument) -> InvoiceDocument:
        return self._kept.setdefault((document.invoice_id, document.revision), document)

    def add(self, document: InvoiceDocument, of: DocumentFormat, content: bytes) -> None:
        self.files.setdefault((document.invoice_id, document.revision, of), content)

    def postpone(self, invoice_id: InvoiceId, revision: int) -> None:
        self._postponed.add((invoice_id, revision))

    def was_postponed(self, invoice_id: InvoiceId, revision: int) -> bool:
        return (invoice_id, revision) in self._postponed
