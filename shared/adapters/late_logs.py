"""Late logs read again and again, as running usage does: each slot is transferred once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.known_usage import KnownLog, Memory
from shared.domain.metering.layout import Bucket, BucketLayout
from shared.domain.metering.slot import Log, NumberedSlot
from shared.domain.time_period import Period
from shared.ports.metering_ledger import MeteringLedger


@dataclass(slots=True)
class _KnownLateLogs:
    """The late logs of one group, by start of their slice."""

    logs: dict[datetime, KnownLog] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return 1 + sum(log.size for log in self.logs.values())


class LateLogs:
    """Reads all of a group's late logs in one query; where some are known, their tails and what lies between them."""

    def __init__(self, logs: MeteringLedger, layout: BucketLayout, most_windows: int) -> None:
        self._logs = logs
        self._layout = layout
        self._known: Memory[_KnownLateLogs] = Memory(most_windows)

    def of(
        self, version: int, group: int, slices: Period, customer_id: CustomerId
    ) -> Iterator[tuple[Bucket, tuple[WindowUsage, ...]]]:
        """Yield the customer's late windows by bucket, for slices that start in a period with an end."""
        assert slices.end is not None, "an open period has no last slice"
        known = self._known.recall((version, group), _KnownLateLogs).logs
        start = slices.start
        for slice_start in sorted(start for start in known if start in slices):
            self._find(known, version, group, start, slice_start)
            log = known[slice_start]
            log.absorb(self._logs.tail(Log(Bucket(version, group, slice_start), late=True), log.last), slice_start)
            start = slice_start + self._layout.layout_at(slice_start).slice_length
        self._find(known, version, group, start, slices.end)
        for slice_start, log in known.items():
            if slice_start in slices:
                yield Bucket(version, group, slice_start), log.of(customer_id)

    def trim(self) -> None:
        self._known.trim()

    def _find(self, known: dict[datetime, KnownLog], version: int, group: int, start: datetime, end: datetime) -> None:
        """Read the late logs of slices that start in [start, end), of which nothing is known, if there can be any."""
        if start >= end:
            return
        found: dict[datetime, list[NumberedSlot]] = {}
        for late in self._logs.late_slots(version, group, Period(start, end)):
            found.setdefault(late.bucket.slice_start, []).append(NumberedSlot(late.number, late.slot))
        for slice_start, slots in found.items():
            log = KnownLog()
            log.absorb(slots, slice_start)
            known[slice_start] = log
