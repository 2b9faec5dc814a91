"""The tax-records queue, as whoever issues and the relay write to it (port TaxRequests)."""

from typing import TYPE_CHECKING

from shared.contracts.tax import TaxMessage
from shared.domain.identifiers import TenantId
from shared.domain.tax.intent import TaxIntentId

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class QueuedTaxRequests:
    def __init__(self, client: "SQSClient", queue_url: str, tenant: TenantId) -> None:
        self._client = client
        self._queue_url = queue_url
        self._tenant = tenant

    def request(self, tax_intent_id: TaxIntentId) -> None:
        message = TaxMessage(tenant=self._tenant, tax_intent_id=tax_intent_id)
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=message.model_dump_json())
