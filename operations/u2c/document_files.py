"""What customers were sent, as files that are named by the invoices' numbers."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from shared.adapters.s3.invoice_documents import document_key
from shared.domain.identifiers import InvoiceNumber
from shared.domain.invoicing.invoice import Invoice
from shared.ports.invoice_documents import DocumentFormat

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def copy_documents(client: "S3Client", bucket: str, invoices: Iterable[Invoice], folder: Path) -> None:
    """Copy the documents of those invoices that have any; the others have an exception that says why."""
    folder.mkdir(parents=True)
    for invoice in invoices:
        if invoice.number is None:
            continue
        for of in DocumentFormat:
            key = document_key(invoice.tenant, invoice.invoice_id, invoice.revision, of.value)
            try:
                stored = client.get_object(Bucket=bucket, Key=key)
            except client.exceptions.NoSuchKey:
                continue
            (folder / file_name(invoice.number, of)).write_bytes(stored["Body"].read())


def file_name(number: InvoiceNumber, of: DocumentFormat) -> str:
    """Return a name that any file system takes: a slash within a number becomes %2F."""
    return f"{quote(number, safe=' ')}.{of.value}"
