"""The erp-postings queue, as who asks for postings writes to it (port PostingRequests)."""

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from shared.contracts.posting import PostingMessage
from shared.domain.identifiers import PostingId, TenantId

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


_WAITING: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")


class QueuedPostingRequests:
    def __init__(self, client: "SQSClient", queue_url: str, tenant: TenantId) -> None:
        self._client = client
        self._queue_url = queue_url
        self._tenant = tenant

    def request(self, posting_id: PostingId, *, after: timedelta = timedelta(0)) -> None:
        message = PostingMessage(tenant=self._tenant, posting_id=posting_id)
        self._client.send_message(
            QueueUrl=self._queue_url,
            MessageBody=message.model_dump_json(exclude_none=True),
            DelaySeconds=math.ceil(after.total_seconds()),
        )

    def waiting(self) -> int:
        counts = self._client.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=list(_WAITING))
        return sum(int(counts["Attributes"][name]) for name in _WAITING)
