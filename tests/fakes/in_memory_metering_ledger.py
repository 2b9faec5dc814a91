"""The ledger's logs, what closing remembers, snapshots and stream tails, in memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.closing import ClosingState
from shared.domain.metering.layout import Bucket
from shared.domain.metering.reading import SlotsRead
from shared.domain.metering.slot import Content, Log, NumberedSlot, Seal, UsageSlot
from shared.domain.metering.slot_lifetime import expires_at
from shared.domain.metering.usage_place import LateSlot, slots_read
from shared.domain.metering.watermark import Barrier, Checkpoint, ShardPosition
from shared.domain.time_period import Period


class InMemoryMeteringLedger:
    """Keeps `slots` by log and number."""

    def __init__(self) -> None:
        self.slots: dict[Log, dict[int, Content]] = {}

    def put(self, log: Log, number: int, content: Content) -> bool:
        slots = self.slots.setdefault(log, {})
        if number in slots:
            return False
        slots[number] = content
        return True

    def tail(self, log: Log, after: int) -> tuple[NumberedSlot, ...]:
        slots = self.slots.get(log, {})
        return tuple(NumberedSlot(number, slots[number]) for number in sorted(slots) if number > after)

    def late_slots(self, version: int, group: int, period: Period) -> Iterator[LateSlot]:
        for log in sorted(self.slots):
            bucket = log.bucket
            if log.late and (bucket.version, bucket.group) == (version, group) and bucket.slice_start in period:
                for number, content in sorted(self.slots[log].items()):
                    assert isinstance(content, UsageSlot)
                    yield LateSlot(bucket, number, content)

    def expire(self, now: datetime) -> None:
        """Let go of what may vanish by now, as the table does by and by."""
        for log, slots in self.slots.items():
            if not log.late and expires_at(log.bucket.slice_start) <= now:
                self.slots[log] = {number: slot for number, slot in slots.items() if isinstance(slot, Seal)}


class InMemoryClosingProgress:
    def __init__(self) -> None:
        self._state = ClosingState()

    def open_slice(self, slice_start: datetime) -> bool:
        first = self._state.first_slice
        if first is None or (slice_start < first and self._state.sealed_through is None):
            self._state = replace(self._state, first_slice=slice_start)
            return True
        return first <= slice_start

    def state(self) -> ClosingState:
        return self._state

    def remember(self, barrier: Barrier) -> None:
        self._state = replace(self._state, barrier=barrier)

    def replace_overdue(self, known: datetime | None, overdue: datetime | None) -> bool:
        if self._state.overdue not in (known, overdue):
            return False
        self._state = replace(self._state, overdue=overdue)
        return True

    def seal_through(self, *, first_slice: datetime, sealed_through: datetime) -> bool:
        if self._state.first_slice != first_slice:
            return False
        known = self._state.sealed_through
        self._state = replace(self._state, sealed_through=max(known or sealed_through, sealed_through))
        return True


class InMemoryUsageSnapshots:
    def __init__(self) -> None:
        self._snapshots: dict[tuple[CustomerId, Bucket], tuple[int, tuple[WindowUsage, ...]]] = {}

    def write(self, bucket: Bucket, seal: int, usage: Mapping[CustomerId, Sequence[WindowUsage]]) -> None:
        for customer_id, windows in usage.items():
            self._snapshots[customer_id, bucket] = (seal, tuple(windows))

    def read(self, customer_id: CustomerId, slices: Period) -> Iterator[tuple[SlotsRead, tuple[WindowUsage, ...]]]:
        for (of_customer, bucket), (seal, windows) in sorted(self._snapshots.items(), key=lambda item: item[0]):
            if of_customer == customer_id and bucket.slice_start in slices:
                yield slots_read(bucket, seal), windows


class InMemoryStreamTails:
    """`newest` is the last sequence number on each stream's one shard; a stream without one is empty."""

    def __init__(self, shard_id: str = "shardId-000000000000") -> None:
        self.newest: dict[str, int] = {}
        self._shard_id = shard_id

    def positions(self, stream: str, checkpoints: Mapping[str, Checkpoint]) -> Sequence[ShardPosition]:
        checkpoint = checkpoints.get(self._shard_id)
        reached = int(checkpoint.sequence_number) if checkpoint else 0
        return [ShardPosition(checkpoint, drained=reached >= self.newest.get(stream, 0))]
