"""A bucket as one who corrects it sees it: both logs read to their end, and what they have booked for each event."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from shared.domain.identifiers import MeterCode
from shared.domain.metering.aggregate import (
    AverageState,
    CountState,
    LatestState,
    LevelsState,
    MaxState,
    MinState,
    SumState,
    TransactionsState,
    UniqueState,
    WindowKey,
    WindowUsage,
    merge_windows,
)
from shared.domain.metering.layout import Bucket
from shared.domain.metering.meter import SUMS, Aggregation
from shared.domain.metering.slot import Log, NumberedSlot, Seal, UsageSlot, require_unbroken
from shared.domain.usage.correction import Original
from shared.domain.usage.fingerprint import IDENTITY_BYTES, identity_hash, meter_identity

AGGREGATION_OF: Mapping[type, Aggregation] = {
    SumState: Aggregation.SUM,
    CountState: Aggregation.COUNT,
    MaxState: Aggregation.MAX,
    MinState: Aggregation.MIN,
    AverageState: Aggregation.AVERAGE,
    LatestState: Aggregation.LATEST,
    UniqueState: Aggregation.UNIQUE,
    LevelsState: Aggregation.WEIGHTED_SUM,
    TransactionsState: Aggregation.TRANSACTIONS,
}


class BucketLogs:
    """All slots of a bucket's base and late log. Raises LogHasGapError if one is missing."""

    def __init__(self, bucket: Bucket, *, base: Sequence[NumberedSlot], late: Sequence[NumberedSlot]) -> None:
        for slots in (base, late):
            require_unbroken(slots, after=0)
        self.bucket = bucket
        self.last_base, self.last_late = len(base), len(late)
        self._sealed = bool(base) and isinstance(base[-1].content, Seal)
        self._slots = [slot.content for slot in (*base, *late) if isinstance(slot.content, UsageSlot)]
        self._slot_of = {whole: number for number, slot in enumerate(self._slots) for whole in slot.counts}
        self._voided = {whole for slot in self._slots for whole in slot.takes_back}
        self._counted = {whole[:IDENTITY_BYTES]: whole for whole in self._slot_of}
        self._windows: dict[int, tuple[WindowUsage, ...]] = {}
        self._holds: dict[tuple[WindowKey, Aggregation], WindowUsage] | None = None

    @property
    def end(self) -> tuple[Log, int]:
        """Return the log and the number of the slot that would come next."""
        last = self.last_late if self._sealed else self.last_base
        return Log(self.bucket, late=self._sealed), last + 1

    @property
    def ids(self) -> int:
        """Return how many events were ever counted here: what this needs of memory."""
        return len(self._slot_of)

    def counted_of(self, original: Original, meters: Iterable[MeterCode]) -> tuple[str, ...]:
        """Return the fingerprints (hex) under which an event was ever counted here by any of these meters."""
        source, event_id = original.source, original.event_id
        identities = (identity_hash(source, event_id), *(meter_identity(source, event_id, meter) for meter in meters))
        return tuple(self._counted[identity].hex() for identity in identities if identity in self._counted)

    def counts(self, fingerprint: str) -> bool:
        """Say whether a fingerprint (hex) was counted here and not voided since."""
        whole = bytes.fromhex(fingerprint)
        return whole in self._slot_of and whole not in self._voided

    def windows_with(self, fingerprint: str) -> tuple[WindowUsage, ...]:
        """Return the windows of the slot that counted a fingerprint (hex), nothing if none did."""
        number = self._slot_of.get(bytes.fromhex(fingerprint))
        return () if number is None else self._windows_in(number)

    def slot_with(self, fingerprint: str) -> int | None:
        """Return a name of the slot that counted a fingerprint (hex)."""
        return self._slot_of.get(bytes.fromhex(fingerprint))

    def holds(self, key: WindowKey, aggregation: Aggregation) -> WindowUsage:
        """Return what the bucket says of a window in which something was booked."""
        return self._held()[key, aggregation]

    def not_summed(self, start: datetime) -> int:
        """Return how many measurements count in windows that start at an instant (UTC) and are no sums."""
        return sum(
            usage.events
            for (key, aggregation), usage in self._held().items()
            if key.window_start == start and aggregation not in SUMS
        )

    def _held(self) -> Mapping[tuple[WindowKey, Aggregation], WindowUsage]:
        if self._holds is None:
            told = (usage for number in range(len(self._slots)) for usage in self._windows_in(number))
            self._holds = {(usage.key, AGGREGATION_OF[type(usage.state)]): usage for usage in merge_windows(told)}
        return self._holds

    def _windows_in(self, number: int) -> tuple[WindowUsage, ...]:
        if number not in self._windows:
            self._windows[number] = self._slots[number].windows(self.bucket.slice_start)
        return self._windows[number]
