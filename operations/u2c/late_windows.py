"""Reads the windows to which usage came late, part by part: what each bucket had sealed, and each late slot."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from shared.domain.metering.aggregate import WindowKey, WindowUsage
from shared.domain.metering.layout import Bucket, BucketLayout
from shared.domain.metering.reading import LateUsage
from shared.domain.metering.slot import Log, UsageSlot
from shared.domain.reconciliation.late_windows import LateWindow
from shared.domain.time_period import Period
from shared.ports.metering_ledger import MeteringLedger


def late_windows(
    logs: MeteringLedger, layout: BucketLayout, period: Period
) -> Mapping[WindowKey, tuple[LateWindow, ...]]:
    """Return each window with late usage, of slices that overlap the period, in every bucket that holds some of it."""
    late: dict[WindowKey, dict[Bucket, list[LateUsage]]] = defaultdict(lambda: defaultdict(list))
    starts = Period(layout.first_slice(period), period.end)
    for version in layout.versions_in(starts):
        for group in range(version.groups):
            for slot in logs.late_slots(version.version, group, starts):
                for usage in slot.windows():
                    late[usage.key][slot.bucket].append(LateUsage(slot.place, usage))
    sealed: dict[WindowKey, dict[Bucket, list[WindowUsage]]] = defaultdict(lambda: defaultdict(list))
    for bucket, usage in _sealed(logs, layout, [bucket for buckets in late.values() for bucket in buckets]):
        if usage.key in late:
            sealed[usage.key][bucket].append(usage)
    return {
        key: tuple(
            LateWindow(tuple(sealed[key][bucket]), tuple(late[key][bucket]))
            for bucket in sorted({*sealed[key], *late[key]})
        )
        for key in late
    }


def _sealed(
    logs: MeteringLedger, layout: BucketLayout, late: Collection[Bucket]
) -> Iterator[tuple[Bucket, WindowUsage]]:
    """Yield what the base logs hold of the slices of these buckets: another group may hold some of a window."""
    for start in sorted({bucket.slice_start for bucket in late}):
        version = layout.layout_at(start)
        for bucket in (Bucket(version.version, group, start) for group in range(version.groups)):
            for slot in logs.tail(Log(bucket), after=0):
                if isinstance(slot.content, UsageSlot):
                    yield from ((bucket, usage) for usage in slot.content.windows(start))
