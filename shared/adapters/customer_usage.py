"""Usage of one customer (port CustomerUsage): what closing has snapshot, and what its groups' late logs hold so far."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage, settled
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.reading import LateUsage, SlotsRead, UsageManifest, UsageReading, usage_manifest
from shared.domain.time_period import Period
from shared.ports.closing_progress import ClosingProgress
from shared.ports.customer_usage import NotSealedError
from shared.ports.metering_ledger import MeteringLedger
from shared.ports.usage_snapshots import UsageSnapshots

_Bucket: TypeAlias = tuple[int, int, datetime]


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

    def read(
        self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period, *, after: Sequence[UsageManifest] = ()
    ) -> UsageReading:
        self._require_sealed(period)
        sealed = list(self._snapshots.read(customer_id, self._slices(period)))
        # The groups of today's subjects, and those where usage was booked when other subjects were the customer's.
        groups = self._groups(subjects, period) | _groups_of(after) | {_group_of(seal) for seal, _ in sealed}
        late = list(self._late(customer_id, groups, period))
        return UsageReading(
            windows=_inside(period, sealed, late),
            manifest=usage_manifest(sealed={seal for seal, _ in sealed}, late=_last_read(one.place for one in late)),
        )

    def read_again(
        self, customer_id: CustomerId, period: Period, manifests: Sequence[UsageManifest]
    ) -> tuple[WindowUsage, ...]:
        sealed = self._snapshots.read(customer_id, self._slices(period))
        late = self._late(customer_id, _groups_of(manifests), period)
        known = [one for one in late if any(manifest.has_read_late(one.place) for manifest in manifests)]
        return _inside(period, sealed, known)

    def late(
        self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period, *, after: Sequence[UsageManifest]
    ) -> tuple[LateUsage, ...]:
        found = self._late(customer_id, self._groups(subjects, period) | _groups_of(after), period)
        return tuple(one for one in found if one.usage.key.window_start in period)

    def _require_sealed(self, period: Period) -> None:
        through = self.sealed_through()
        if period.end is None or through is None or through < period.end:
            raise NotSealedError(f"{period} is sealed through {through}")

    def _slices(self, period: Period) -> Period:
        return Period(self._layout.first_slice(period), period.end)

    def _groups(self, subjects: tuple[str, ...], period: Period) -> set[tuple[int, int]]:
        versions = self._layout.versions_in(period)
        return {(version.version, version.group_of(subject)) for version in versions for subject in subjects}

    def _late(self, customer_id: CustomerId, groups: set[tuple[int, int]], period: Period) -> Iterator[LateUsage]:
        for version, group in sorted(groups):
            for slot in self._logs.late_slots(version, group, self._slices(period)):
                for usage in slot.windows():
                    if usage.key.customer_id == customer_id:
                        yield LateUsage(slot.place, usage)


def _inside(
    period: Period, sealed: Iterable[tuple[SlotsRead, tuple[WindowUsage, ...]]], late: Iterable[LateUsage]
) -> tuple[WindowUsage, ...]:
    """Return what the buckets come to inside the period: what is sealed, then each late slot in its order."""
    buckets: dict[_Bucket, list[WindowUsage]] = {}
    for seal, members in sealed:
        buckets.setdefault(_bucket_of(seal), []).extend(members)
    for one in late:
        buckets.setdefault(_bucket_of(one.place), []).append(one.usage)
    windows = (usage for members in buckets.values() for usage in settled(members))
    return tuple(usage for usage in windows if usage.key.window_start in period)


def _groups_of(manifests: Iterable[UsageManifest]) -> set[tuple[int, int]]:
    return {_group_of(read) for manifest in manifests for read in (*manifest.sealed, *manifest.late)}


def _group_of(read: SlotsRead) -> tuple[int, int]:
    return read.layout_version, read.group


def _last_read(places: Iterable[SlotsRead]) -> list[SlotsRead]:
    """Return the last of the places of each late log."""
    last = {_bucket_of(place): place for place in sorted(places)}
    return list(last.values())


def _bucket_of(read: SlotsRead) -> _Bucket:
    return read.layout_version, read.group, read.slice_start
