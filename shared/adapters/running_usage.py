"""Usage of one customer so far (port RunningUsage): snapshots of what is sealed, open logs, late logs.

A read costs a query for the snapshots, one for each open bucket of the customer's groups, and one for each of its
groups' late logs (late_logs.py says when more). Only what is new is transferred.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.adapters.late_logs import LateLogs
from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage, merge_windows, settled
from shared.domain.metering.closing import ClosingState
from shared.domain.metering.known_usage import KnownLog, KnownSnapshots, Memory
from shared.domain.metering.layout import Bucket, BucketLayout
from shared.domain.metering.reading import UsageSoFar
from shared.domain.metering.slot import Log
from shared.domain.metering.watermark import CLOCK_SKEW
from shared.domain.time_period import Period
from shared.ports.clock import Clock
from shared.ports.closing_progress import ClosingProgress
from shared.ports.metering_ledger import MeteringLedger
from shared.ports.usage_snapshots import UsageSnapshots


class LedgerRunningUsage:
    """Reads the ledger strongly consistently, and keeps up to `most_windows` windows of each of its three parts.

    `future` is how far ahead of its arrival an event may lie.
    """

    def __init__(
        self,
        *,
        snapshots: UsageSnapshots,
        logs: MeteringLedger,
        closing: ClosingProgress,
        layout: BucketLayout,
        clock: Clock,
        future: timedelta,
        most_windows: int,
    ) -> None:
        self._snapshots = snapshots
        self._logs = logs
        self._closing = closing
        self._layout = layout
        self._clock = clock
        self._future = future
        self._known_snapshots: Memory[KnownSnapshots] = Memory(most_windows)
        self._known_open: Memory[KnownLog] = Memory(most_windows)
        self._late = LateLogs(logs, layout, most_windows)

    def of(self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period) -> UsageSoFar:
        as_of = self._clock.now()
        # Before anything else: what is sealed by now is snapshot by now, and what is not is read from its log.
        state = self._closing.state()
        by_bucket = self._by_bucket(customer_id, subjects, self._slices(period, as_of), state)
        for memory in (self._known_snapshots, self._known_open, self._late):
            memory.trim()
        # Bucket by bucket first: what a later slot says of a window holds for its own bucket only.
        merged = (usage for windows in by_bucket.values() for usage in settled(windows))
        return UsageSoFar(
            windows=merge_windows(usage for usage in merged if usage.key.window_start in period),
            as_of=as_of,
            complete_until=state.barrier.complete_until,
        )

    def _slices(self, period: Period, as_of: datetime) -> Period | None:
        """Return when the slices start that may hold usage of the period by now; None when all of it lies ahead."""
        start, ahead = self._layout.first_slice(period), as_of + self._future + CLOCK_SKEW
        end = min(period.end or ahead, ahead)
        return Period(start, end) if start < end else None

    def _by_bucket(
        self, customer_id: CustomerId, subjects: tuple[str, ...], slices: Period | None, state: ClosingState
    ) -> dict[Bucket, list[WindowUsage]]:
        """Return the windows of each bucket, in the order of its slots."""
        found: dict[Bucket, list[WindowUsage]] = {}
        if slices is None:
            return found
        for bucket, snapshot in self._sealed(customer_id, slices, state):
            found.setdefault(bucket, []).extend(snapshot)
        groups = {(bucket.version, bucket.group) for bucket in found} | set(self._groups(subjects, slices))
        for bucket in self._open_buckets(groups, slices, state):
            found.setdefault(bucket, []).extend(self._open(bucket, customer_id))
        for version, group in sorted(groups):
            for bucket, late in self._late.of(version, group, slices, customer_id):
                found.setdefault(bucket, []).extend(late)
        return found

    def _groups(self, subjects: tuple[str, ...], slices: Period) -> Iterator[tuple[int, int]]:
        for version in self._layout.versions_in(slices):
            for subject in subjects:
                yield version.version, version.group_of(subject)

    def _sealed(
        self, customer_id: CustomerId, slices: Period, state: ClosingState
    ) -> Iterator[tuple[Bucket, list[WindowUsage]]]:
        """Yield what the snapshots hold; they never change, so only those of slices sealed meanwhile are read."""
        assert slices.end is not None
        until = min(state.sealed_through or slices.start, slices.end)
        if until <= slices.start:
            return
        known = self._known_snapshots.recall((customer_id, slices.start), lambda: KnownSnapshots(slices.start))
        if known.until < until:
            for seal, windows in list(self._snapshots.read(customer_id, Period(known.until, until))):
                bucket = Bucket(seal.layout_version, seal.group, seal.slice_start)
                known.by_bucket.setdefault(bucket, []).extend(windows)
            known.until = until
        yield from ((bucket, windows) for bucket, windows in known.by_bucket.items() if bucket.slice_start < until)

    def _open_buckets(self, groups: set[tuple[int, int]], slices: Period, state: ClosingState) -> Iterator[Bucket]:
        """Yield the buckets of these groups that are not known to be sealed; before the first slice there are none."""
        assert slices.end is not None
        opened = state.sealed_through or state.first_slice
        start = slices.end if opened is None else max(opened, slices.start)
        if start < slices.end:
            for found in self._layout.slices(Period(start, slices.end)):
                yield from (bucket for bucket in found.buckets if (bucket.version, bucket.group) in groups)

    def _open(self, bucket: Bucket, customer_id: CustomerId) -> tuple[WindowUsage, ...]:
        log = Log(bucket)
        known = self._known_open.recall(log, KnownLog)
        known.absorb(self._logs.tail(log, after=known.last), bucket.slice_start)
        return known.of(customer_id)
