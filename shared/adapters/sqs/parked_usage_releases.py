"""The parked-usage-releases queue, as those write to it who published something (port ParkedUsageReleases)."""

from typing import TYPE_CHECKING

from shared.contracts.master_data import ParkedUsageReleaseRequested
from shared.domain.identifiers import CatalogVersion, TenantId

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class QueuedParkedUsageReleases:
    def __init__(self, client: "SQSClient", queue_url: str, tenant: TenantId) -> None:
        self._client = client
        self._queue_url = queue_url
        self._tenant = tenant

    def request(self, version: CatalogVersion) -> None:
        message = ParkedUsageReleaseRequested(tenant=self._tenant, version=version)
        self._client.send_message(QueueUrl=self._queue_url, MessageBody=message.model_dump_json())
