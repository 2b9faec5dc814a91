"""What customers were sent, as files that are named by the numbers of invoices and credit notes."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

from shared.adapters.s3.invoice_documents import document_key
from shared.domain.identifiers import CreditNoteNumber, InvoiceNumber, TenantId
from shared.domain.invoice_document.document import DocumentId
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.invoice import Invoice
from shared.ports.invoice_documents import DocumentFormat

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


Number: TypeAlias = InvoiceNumber | CreditNoteNumber


def numbered(invoices: Iterable[Invoice], notes: Iterable[CreditNote]) -> Iterator[tuple[Number, DocumentId]]:
    """Yield what is issued by its number."""
    for invoice in invoices:
        if invoice.number is not None:
            yield invoice.number, DocumentId(invoice.invoice_id, invoice.revision)
    for note in notes:
        if note.number is not None:
            asked = note.request
            yield note.number, DocumentId(asked.invoice_id, asked.revision, asked.request_id)


def copy_documents(
    client: "S3Client", bucket: str, tenant: TenantId, issued: Iterable[tuple[Number, DocumentId]], folder: Path
) -> None:
    """Copy the documents of those that have any; the others have an exception that says why."""
    folder.mkdir(parents=True)
    for number, document in issued:
        for of in DocumentFormat:
            key = document_key(tenant, document, of.value)
            try:
                stored = client.get_object(Bucket=bucket, Key=key)
            except client.exceptions.NoSuchKey:
                continue
            (folder / file_name(number, of)).write_bytes(stored["Body"].read())


def file_name(number: Number, of: DocumentFormat) -> str:
    """Return a name that any file system takes: a slash within a number becomes %2F."""
    return f"{quote(number, safe=' ')}.{of.value}"
