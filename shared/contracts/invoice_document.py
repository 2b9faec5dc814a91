"""Documents of invoices and credit notes as they are kept, and the message that asks for them.

Decimals are written as text with every digit they have; reading gives back the very same value.
"""

from pydantic import BaseModel, ConfigDict, TypeAdapter

from shared.domain.identifiers import InvoiceId, TenantId
from shared.domain.invoice_document.document import DocumentId, InvoiceDocument

_DOCUMENT = TypeAdapter(InvoiceDocument)


def dump_invoice_document(document: InvoiceDocument) -> bytes:
    return _DOCUMENT.dump_json(document)


def read_invoice_document(body: bytes) -> InvoiceDocument:
    """Return a kept document; raises pydantic's ValidationError for anything this project has not written."""
    return _DOCUMENT.validate_json(body)


class DocumentsRequest(BaseModel):
    """A message on invoice-documents: make what the customer of this issued invoice, or of a credit of it, is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: TenantId
    invoice_id: InvoiceId
    revision: int
    credit: str = ""  # the request id of a credit note; none: the invoice itself

    @property
    def document_id(self) -> DocumentId:
        return DocumentId(self.invoice_id, self.revision, self.credit)


def read_documents_request(body: str, *, tenant: TenantId) -> DocumentsRequest:
    """Read a message of the queue; raise ValueError for anything else, another tenant's invoice included."""
    request = DocumentsRequest.model_validate_json(body)
    if request.tenant != tenant:
        raise ValueError(f"an invoice of tenant {request.tenant} came to {tenant}")
    return request
