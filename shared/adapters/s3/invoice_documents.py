"""Documents of invoices and credit notes in S3 (port InvoiceDocuments): what they say as JSON, and a file a format.

Every write is conditional on there being none: of two that come at once, one wins, and both go on with what it wrote.
"""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.contracts.invoice_document import dump_invoice_document, read_invoice_document
from shared.domain.identifiers import TenantId
from shared.domain.invoice_document.document import DocumentId, InvoiceDocument
from shared.ports.invoice_documents import DocumentFormat

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SAYS, _POSTPONED = "json", "postponed"
_CONTENT_TYPES = {
    _SAYS: "application/json",
    _POSTPONED: "application/octet-stream",
    DocumentFormat.PDF: "application/pdf",
    DocumentFormat.UBL: "application/xml",
}
_THERE_IS_ONE = "PreconditionFailed"


class S3InvoiceDocuments:
    def __init__(self, client: "S3Client", bucket: str, tenant: TenantId) -> None:
        self._client = client
        self._bucket = bucket
        self._tenant = tenant

    def kept(self, of: DocumentId) -> InvoiceDocument | None:
        if not self._has(of, _SAYS):
            return None
        stored = self._client.get_object(Bucket=self._bucket, Key=document_key(self._tenant, of, _SAYS))
        return read_invoice_document(stored["Body"].read())

    def keep(self, document: InvoiceDocument) -> InvoiceDocument:
        if self._put(document.document_id, _SAYS, dump_invoice_document(document)):
            return document
        kept = self.kept(document.document_id)
        assert kept is not None, "what is there is never deleted"
        return kept

    def add(self, document: InvoiceDocument, of: DocumentFormat, content: bytes) -> None:
        self._put(document.document_id, of.value, content)

    def postpone(self, of: DocumentId) -> None:
        self._put(of, _POSTPONED, b"")

    def was_postponed(self, of: DocumentId) -> bool:
        return self._has(of, _POSTPONED)

    def _has(self, of: DocumentId, suffix: str) -> bool:
        """Look, rather than read in vain: that there is nothing is what is usual here."""
        key = document_key(self._tenant, of, suffix)
        found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        return any(entry["Key"] == key for entry in found.get("Contents", []))

    def _put(self, of: DocumentId, suffix: str, content: bytes) -> bool:
        """Write unless there is something; say whether this wrote it."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=document_key(self._tenant, of, suffix),
                Body=content,
                ContentType=_CONTENT_TYPES[suffix],
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _THERE_IS_ONE:
                raise
            return False
        return True


def document_key(tenant: TenantId, of: DocumentId, suffix: str) -> str:
    name = f"credit-{of.request_id}" if of.request_id else "invoice"
    return f"{tenant}/{of.invoice_id}/r{of.revision:03d}/{name}.{suffix}"
