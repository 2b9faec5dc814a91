"""Usage of one customer so far, from the ledger's table (port RunningUsage)."""

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.adapters.dynamodb.closing_progress import DynamoClosingProgress
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.usage_snapshots import DynamoUsageSnapshots
from shared.adapters.running_usage import LedgerRunningUsage
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.ports.clock import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_WINDOWS = 50_000  # of snapshots, open logs and late logs each; a window is about 700 bytes


class DynamoRunningUsage(LedgerRunningUsage):
    """Needs GetItem and Query on the table. `future` is how far ahead of its arrival an event may lie."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        tenant: TenantId,
        layout: BucketLayout,
        *,
        clock: Clock,
        future: timedelta,
    ) -> None:
        super().__init__(
            snapshots=DynamoUsageSnapshots(client, table, tenant),
            logs=DynamoMeteringLedger(client, table, tenant),
            closing=DynamoClosingProgress(client, table, tenant),
            layout=layout,
            clock=clock,
            future=future,
            most_windows=MOST_WINDOWS,
        )
