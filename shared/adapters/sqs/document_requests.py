"""The invoice-documents queue, as whoever credits and the relay write to it (port DocumentRequests)."""

from typing import TYPE_CHECKING

from shared.contracts.invoice_document import DocumentsRequest
from shared.domain.identifiers import TenantId
from shared.domain.invoice_document.document import DocumentId

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class QueuedDocumentRequests:
    def __init__(self, client: "SQSClient", queue_url: str, tenant: TenantId) -> None:
        self._client = client
        self._queue_url = queue_url
        self._tenant = tenant

    def request(self, of: DocumentId) -> None:
        message = DocumentsRequest(
            tenant=self._tenant, invoice_id=of.invoice_id, revision=of.revision, credit=of.request_id
        )
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=message.model_dump_json())
