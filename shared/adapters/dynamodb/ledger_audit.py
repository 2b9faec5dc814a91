"""The ledger for controls, from its table (port LedgerAudit)."""

from typing import TYPE_CHECKING

from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.ledger_audit import LogsAudit
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoLedgerAudit(LogsAudit):
    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId, layout: BucketLayout) -> None:
        super().__init__(DynamoMeteringLedger(client, table, tenant), layout)
