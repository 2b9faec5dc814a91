"""The ledger as an auditor reads it, in memory: what a test says was counted."""

from collections.abc import Iterator

from shared.domain.metering.aggregate import SumState, WindowUsage
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.metering.tally import UsageRow, tally
from shared.domain.time_period import Period, format_instant
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import fingerprint, plain_quantity
from shared.domain.usage.measurement import Measurement, measure
from shared.ports.ledger_audit import CountedUsage


class InMemoryLedgerAudit:
    def __init__(self) -> None:
        self._windows: list[WindowUsage] = []
        self._ids: list[bytes] = []
        self._voided: list[bytes] = []

    def count(self, *events: UsageEvent, customer: str = "acme", aggregation: Aggregation = Aggregation.SUM) -> None:
        """Count events in one append, as the aggregator does with those of a meter of their own name."""
        self._append([_row(event, customer, aggregation.value) for event in events])

    def count_measured(self, meter: Meter, *events: UsageEvent, customer: str = "acme") -> None:
        """Count what one meter measures of events in one append."""
        rows = []
        for event in events:
            (measured,) = measure(event, fingerprint(event), [meter])
            assert isinstance(measured, Measurement)
            row = _row(event, customer, meter.aggregation.value)
            row["meter"], row["quantity"] = meter.code, plain_quantity(measured.quantity)
            row["dimensions"], row["fingerprint"] = measured.dimensions, measured.fingerprint
            rows.append(row)
        self._append(rows)

    def void(self, *events: UsageEvent, customer: str = "acme") -> None:
        """Take back events that were counted as sums by the meter of their own name."""
        for usage in tally([_row(event, customer, Aggregation.SUM.value) for event in events]):
            assert isinstance(usage.state, SumState)
            self._windows.append(WindowUsage(usage.key, -usage.events, SumState(-usage.state.total)))
        self.void_ids(*map(fingerprint, events))

    def void_ids(self, *fingerprints: str) -> None:
        """Say of ids that they are voided, whatever the windows say."""
        self._voided.extend(map(bytes.fromhex, fingerprints))

    def _append(self, rows: list[UsageRow]) -> None:
        self._windows.extend(tally(rows))
        self._ids.extend(bytes.fromhex(row["fingerprint"]) for row in rows)

    def counted(self, period: Period) -> Iterator[CountedUsage]:
        yield CountedUsage(
            windows=tuple(window for window in self._windows if window.key.window_start in period),
            event_ids=tuple(whole for whole in self._ids if whole not in self._voided),
            voided_ids=tuple(self._voided),
        )


def _row(event: UsageEvent, customer: str, aggregation: str) -> UsageRow:
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
        "customer": customer,
        "aggregation": aggregation,
    }
