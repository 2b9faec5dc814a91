"""The ledger for controls (port LedgerAudit): every slot of every log, read from the logs and not from snapshots."""

from collections import defaultdict
from collections.abc import Iterator

from shared.domain.metering.aggregate import settled
from shared.domain.metering.layout import Bucket, BucketLayout
from shared.domain.metering.slot import Log, UsageSlot, require_unbroken
from shared.domain.time_period import Period
from shared.ports.ledger_audit import CountedUsage
from shared.ports.metering_ledger import MeteringLedger


class LogsAudit:
    """Reads slices one bucket at a time: a month needs the memory of its greatest bucket and its late logs."""

    def __init__(self, logs: MeteringLedger, layout: BucketLayout) -> None:
        self._logs = logs
        self._layout = layout

    def counted(self, period: Period) -> Iterator[CountedUsage]:
        for bucket, slots in self._buckets(period):
            told = (usage for slot in slots for usage in slot.windows(bucket.slice_start))
            voided = tuple(whole for slot in slots for whole in slot.takes_back)
            gone = frozenset(voided)
            yield CountedUsage(
                windows=tuple(usage for usage in settled(told) if usage.key.window_start in period),
                event_ids=tuple(whole for slot in slots for whole in slot.counts if whole not in gone),
                voided_ids=voided,
            )

    def _buckets(self, period: Period) -> Iterator[tuple[Bucket, list[UsageSlot]]]:
        """Yield each bucket with its slots in their order, the late log last."""
        late: defaultdict[Bucket, list[UsageSlot]] = defaultdict(list)
        for bucket, slot in self._late_slots(period):
            late[bucket].append(slot)
        for bucket, slots in self._base_slots(period):
            yield bucket, slots + late[bucket]

    def _base_slots(self, period: Period) -> Iterator[tuple[Bucket, list[UsageSlot]]]:
        for found in self._layout.slices(period):
            for bucket in found.buckets:
                slots = self._logs.tail(Log(bucket), after=0)
                require_unbroken(slots, after=0)
                yield bucket, [slot.content for slot in slots if isinstance(slot.content, UsageSlot)]

    def _late_slots(self, period: Period) -> Iterator[tuple[Bucket, UsageSlot]]:
        starts = Period(self._layout.first_slice(period), period.end)
        for version in self._layout.versions_in(starts):
            for group in range(version.groups):
                for late in self._logs.late_slots(version.version, group, starts):
                    yield late.bucket, late.slot
