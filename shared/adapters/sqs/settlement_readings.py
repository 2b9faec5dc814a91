"""The FIFO queue settlement-readings, as who hears of changes writes to it (port SettlementReadings).

It delivers what it holds a minute late, so that the one message of a minute comes after the last notice of it.
"""

from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from shared.contracts.erp_notice import ReadingMessage
from shared.domain.identifiers import LegalEntityId, TenantId

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class QueuedSettlementReadings:
    def __init__(self, client: "SQSClient", queue_url: str, tenant: TenantId) -> None:
        self._client = client
        self._queue_url = queue_url
        self._tenant = tenant

    def ask(self, legal_entity_id: LegalEntityId, *, noticed_at: datetime) -> None:
        minute = f"{self._tenant}\0{legal_entity_id}\0{noticed_at:%Y-%m-%dT%H:%M%z}"
        self._client.send_message(
            QueueUrl=self._queue_url,
            MessageBody=ReadingMessage(tenant=self._tenant, legal_entity=legal_entity_id).model_dump_json(),
            MessageGroupId=self._tenant,  # one at a time: two readers would move the cursors of each other
            MessageDeduplicationId=blake2b(minute.encode(), digest_size=16).hexdigest(),
        )
