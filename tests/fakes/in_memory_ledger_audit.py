"""The ledger as an auditor reads it, in memory: what a test says was counted."""

from collections.abc import Iterator

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.meter import Aggregation
from shared.domain.metering.tally import UsageRow, tally
from shared.domain.time_period import Period, format_instant
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import fingerprint, plain_quantity


class InMemoryLedgerAudit:
    def __init__(self) -> None:
        self._windows: list[WindowUsage] = []
        self._ids: list[bytes] = []

    def count(self, *events: UsageEvent, customer: str = "acme", aggregation: Aggregation = Aggregation.SUM) -> None:
        """Count events in one append, as the aggregator does."""
        rows = [_row(event, CustomerId(customer), aggregation) for event in events]
        self._windows.extend(tally(rows))
        self._ids.extend(bytes.fromhex(row["fingerprint"]) for row in rows)

    def windows(self, period: Period) -> Iterator[WindowUsage]:
        return (window for window in self._windows if window.key.window_start in period)

    def event_ids(self, period: Period) -> Iterator[bytes]:
        return iter(self._ids)


def _row(event: UsageEvent, customer_id: CustomerId, aggregation: Aggregation) -> UsageRow:
    return {
        "delivery": "shardId-000000000000:1:0",
        "source": event.source,
        "id": event.event_id,
        "subject": event.subject,
        "occurred_at": format_instant(event.occurred_at),
        "meter": event.meter,
        "quantity": plain_quantity(event.quantity),
        "unique_key": event.unique_key,
        "dimensions": event.dimensions,
        "fingerprint": fingerprint(event),
        "customer": customer_id,
        "aggregation": aggregation.value,
    }
