"""Usage of one customer (port CustomerUsage): what closing has snapshot, and what its groups' late logs hold so far."""

from collections.abc import Iterator
from datetime import datetime

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.layout import Bucket, BucketLayout
from shared.domain.metering.reading import SlotsRead, UsageReading, usage_manifest
from shared.domain.metering.usage_place import LateSlot, slots_read
from shared.domain.time_period import Period
from shared.ports.closing_progress import ClosingProgress
from shared.ports.customer_usage import NotSealedError
from shared.ports.metering_ledger import MeteringLedger
from shared.ports.usage_snapshots import UsageSnapshots


class LedgerCustomerUsage:
    """Joins what is sealed for good with what came late until now, and says in the manifest how far it read."""

    def __init__(
        self,
        *,
        snapshots: UsageSnapshots,
        logs: MeteringLedger,
        closing: ClosingProgress,
        layout: BucketLayout,
    ) -> None:
        self._snapshots = snapshots
        self._logs = logs
        self._closing = closing
        self._layout = layout

    def sealed_through(self) -> datetime | None:
        return self._closing.state().sealed_through

    def read(self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period) -> UsageReading:
        self._require_sealed(period)
        slices = Period(self._layout.first_slice(period), period.end)
        sealed = list(self._snapshots.read(customer_id, slices))
        # The groups of today's subjects, and those where usage was booked when other subjects were the customer's.
        groups = {(seal.layout_version, seal.group) for seal, _ in sealed} | set(self._groups(subjects, period))
        late = list(self._late(customer_id, groups, slices))
        windows = [usage for _, members in sealed for usage in members] + [usage for _, usage in late]
        return UsageReading(
            windows=tuple(usage for usage in windows if usage.key.window_start in period),
            manifest=usage_manifest(sealed={seal for seal, _ in sealed}, late=_last_read(slot for slot, _ in late)),
        )

    def _require_sealed(self, period: Period) -> None:
        through = self.sealed_through()
        if period.end is None or through is None or through < period.end:
            raise NotSealedError(f"{period} is sealed through {through}")

    def _groups(self, subjects: tuple[str, ...], period: Period) -> Iterator[tuple[int, int]]:
        for version in self._layout.versions_in(period):
            for subject in subjects:
                yield version.version, version.group_of(subject)

    def _late(
        self, customer_id: CustomerId, groups: set[tuple[int, int]], slices: Period
    ) -> Iterator[tuple[LateSlot, WindowUsage]]:
        for version, group in sorted(groups):
            for slot in self._logs.late_slots(version, group, slices):
                for usage in slot.windows():
                    if usage.key.customer_id == customer_id:
                        yield slot, usage


def _last_read(slots: Iterator[LateSlot]) -> list[SlotsRead]:
    last: dict[Bucket, int] = {}
    for slot in slots:
        last[slot.bucket] = max(slot.number, last.get(slot.bucket, 0))
    return [slots_read(bucket, number) for bucket, number in last.items()]
