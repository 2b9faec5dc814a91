"""Usage of one customer, from the ledger's table (port CustomerUsage)."""

from typing import TYPE_CHECKING

from shared.adapters.customer_usage import LedgerCustomerUsage
from shared.adapters.dynamodb.closing_progress import DynamoClosingProgress
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.usage_snapshots import DynamoUsageSnapshots
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoCustomerUsage(LedgerCustomerUsage):
    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId, layout: BucketLayout) -> None:
        super().__init__(
            snapshots=DynamoUsageSnapshots(client, table, tenant),
            logs=DynamoMeteringLedger(client, table, tenant),
            closing=DynamoClosingProgress(client, table, tenant),
            layout=layout,
        )
