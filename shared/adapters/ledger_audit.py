"""The ledger for controls (port LedgerAudit): every slot of every log, read from the logs and not from snapshots."""

from collections.abc import Iterator

from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.layout import Bucket, BucketLayout
from shared.domain.metering.slot import FINGERPRINT_BYTES, Log, UsageSlot, require_unbroken
from shared.domain.time_period import Period
from shared.ports.metering_ledger import MeteringLedger


class LogsAudit:
    """Reads a period's slices one bucket at a time, so a month needs no more memory than its greatest bucket."""

    def __init__(self, logs: MeteringLedger, layout: BucketLayout) -> None:
        self._logs = logs
        self._layout = layout

    def windows(self, period: Period) -> Iterator[WindowUsage]:
        for bucket, slot in self._slots(period):
            for usage in slot.windows(bucket.slice_start):
                if usage.key.window_start in period:
                    yield usage

    def event_ids(self, period: Period) -> Iterator[bytes]:
        for _, slot in self._slots(period):
            for start in range(0, len(slot.fingerprints), FINGERPRINT_BYTES):
                yield slot.fingerprints[start : start + FINGERPRINT_BYTES]

    def _slots(self, period: Period) -> Iterator[tuple[Bucket, UsageSlot]]:
        for found in self._layout.slices(period):
            for bucket in found.buckets:
                slots = self._logs.tail(Log(bucket), after=0)
                require_unbroken(slots, after=0)
                yield from ((bucket, slot.content) for slot in slots if isinstance(slot.content, UsageSlot))
        starts = Period(self._layout.first_slice(period), period.end)
        for version in self._layout.versions_in(starts):
            for group in range(version.groups):
                for late in self._logs.late_slots(version.version, group, starts):
                    yield late.bucket, late.slot
