"""Billable usage as the ledger reads it, and the ledger to count it into."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from functions.aggregate_usage.use_case import Ledger, aggregate_usage
from functions.close_usage_windows.use_case import Streams, WindowCloser
from shared.adapters.dynamodb.closing_progress import DynamoClosingProgress
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.stage_progress import DynamoStageProgress
from shared.adapters.dynamodb.usage_snapshots import DynamoUsageSnapshots
from shared.contracts.metered_rows import read_metered_rows
from shared.domain.identifiers import MeterCode, TenantId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.homes import Homes
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.log_view import LogViews
from shared.domain.metering.tally import UsageRow
from shared.domain.time_period import Period, format_instant
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import fingerprint, plain_quantity
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.ledger_audit import LedgerAudit
from shared.runtime import aws
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_metering_ledger import (
    InMemoryClosingProgress,
    InMemoryMeteringLedger,
    InMemoryStreamTails,
    InMemoryUsageSnapshots,
)
from tests.fakes.in_memory_metrics import InMemoryMetrics
from tests.fakes.in_memory_stage_progress import InMemoryStageProgress
from tests.fakes.steady_clock import SteadyClock

TENANT = TenantId("acme-saas")
SHARD = "shardId-000000000000"
NOON = datetime(2026, 1, 15, 12, 7, 30, tzinfo=UTC)
LAYOUT_TEXT = '[{"version":1,"valid_from":"1970-01-01T00:00:00.000000Z","groups":2,"slice_minutes":1440}]'
LAYOUT = BucketLayout.parse(LAYOUT_TEXT)
STREAMS = Streams(usage_events="usage", accepted_usage="accepted", billable_usage="billable")


def a_row(
    event_id: str = "call-1",
    *,
    subject: str = "acme",
    customer: str | None = None,
    occurred_at: datetime = NOON,
    meter: str = "api_calls",
    quantity: str = "25",
    unique_key: str | None = None,
    dimensions: tuple[tuple[str, str], ...] = (),
    aggregation: str = "sum",
) -> UsageRow:
    """Return acme's API calls, unless a test says otherwise. The delivery is made of the event id."""
    event = UsageEvent(
        source="urn:acme:gateway",
        event_id=event_id,
        subject=subject,
        occurred_at=occurred_at,
        meter=MeterCode(meter),
        quantity=Decimal(quantity),
        unique_key=unique_key,
        dimensions=dimensions,
        contract="usage:2",
    )
    return {
        "delivery": f"{SHARD}:{event_id}:0",
        "source": event.source,
        "id": event_id,
        "subject": subject,
        "occurred_at": format_instant(occurred_at),
        "meter": meter,
        "quantity": plain_quantity(event.quantity),
        "unique_key": unique_key,
        "dimensions": dimensions,
        "fingerprint": fingerprint(event),
        "customer": customer or subject,
        "aggregation": aggregation,
    }


def a_billable_record(rows: Sequence[UsageRow], *, sequence: int = 1, arrived_at: datetime = NOON) -> StreamRecord:
    return StreamRecord(SHARD, str(sequence), arrived_at, json.dumps(rows).encode())


def windows_counted(audit: LedgerAudit, period: Period) -> list[WindowUsage]:
    return [usage for counted in audit.counted(period) for usage in counted.windows]


def ids_counted(audit: LedgerAudit, period: Period) -> set[bytes]:
    return {whole for counted in audit.counted(period) for whole in counted.event_ids}


class MeteringWorld:
    """The metering part of the road on fakes. Each part may be replaced, for instance by one that dies."""

    def __init__(
        self, *, logs: Any = None, closing: Any = None, snapshots: Any = None, layout: BucketLayout = LAYOUT
    ) -> None:
        self.layout = layout
        self.logs = logs or InMemoryMeteringLedger()
        self.closing = closing or InMemoryClosingProgress()
        self.snapshots = snapshots or InMemoryUsageSnapshots()
        self.reporter: Any = InMemoryExceptionReporter()
        self.progress: Any = InMemoryStageProgress()
        self.tails = InMemoryStreamTails()
        self.metrics = InMemoryMetrics()
        self.clock = SteadyClock(NOON)
        self.views = LogViews(most_ids=10_000)

    @classmethod
    def on_dynamodb(cls, table: str) -> "MeteringWorld":
        """Return a world whose ledger is a table on moto."""
        world = cls(
            logs=DynamoMeteringLedger(aws.dynamodb(), table, TENANT),
            closing=DynamoClosingProgress(aws.dynamodb(), table, TENANT),
            snapshots=DynamoUsageSnapshots(aws.dynamodb(), table, TENANT),
        )
        world.progress = DynamoStageProgress(aws.dynamodb(), table, TENANT)
        return world

    def count(
        self, *rows: UsageRow, views: LogViews | None = None, sequence: int = 1, arrived_at: datetime = NOON
    ) -> None:
        """Aggregate the rows as one batch, in a warm environment unless other views are given."""
        aggregate_usage(
            [a_billable_record(rows, sequence=sequence, arrived_at=arrived_at)],
            read=read_metered_rows,
            ledger=Ledger(logs=self.logs, slices=self.closing, views=views or self.views, homes=Homes(self.layout)),
            reporter=self.reporter,
            progress=self.progress,
            metrics=self.metrics,
            tenant=TENANT,
        )

    def close(self, now: datetime) -> int:
        """Run one closing from then on; return how many slices it sealed."""
        self.clock.instant = now
        closer = WindowCloser(
            tenant=TENANT,
            layout=self.layout,
            grace=timedelta(hours=24),
            streams=STREAMS,
            logs=self.logs,
            slices=self.closing,
            closing=self.closing,
            snapshots=self.snapshots,
            progress=self.progress,
            tails=self.tails,
            reporter=self.reporter,
            clock=self.clock,
        )
        return closer.close().slices
