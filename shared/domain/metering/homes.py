"""Sort events by the bucket they live in, fast: the answers repeat, so they are remembered."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from shared.domain.metering.layout import Bucket, BucketLayout, LayoutVersion
from shared.domain.metering.tally import MINUTE_TEXT, UsageRow, window_start

_MINUTES_REMEMBERED = 16_384
_SLICES_REMEMBERED = 128
_SUBJECTS_REMEMBERED = 20_000  # of each slice


class _BucketsOfSlice(dict[str, Bucket]):
    """The bucket of each subject in one slice, found when first asked for."""

    def __init__(self, layout: LayoutVersion, slice_start: datetime) -> None:
        super().__init__()
        self._group_of = layout.group_of
        self._buckets = [Bucket(layout.version, group, slice_start) for group in range(layout.groups)]

    def __missing__(self, subject: str) -> Bucket:
        if len(self) >= _SUBJECTS_REMEMBERED:
            self.clear()
        self[subject] = bucket = self._buckets[self._group_of(subject)]
        return bucket


class Homes:
    """Finds homes by a layout. Only the event's own subject and time decide; what enrichment added does not."""

    def __init__(self, layout: BucketLayout) -> None:
        self._layout = layout
        self._buckets_at = lru_cache(_MINUTES_REMEMBERED)(self._find_slice)
        self._buckets_of = lru_cache(_SLICES_REMEMBERED)(_BucketsOfSlice)

    def by_bucket(self, rows: Iterable[UsageRow]) -> Mapping[Bucket, list[UsageRow]]:
        """Return the rows by bucket, in their order."""
        buckets_at = self._buckets_at
        found: defaultdict[Bucket, list[UsageRow]] = defaultdict(list)
        for row in rows:
            found[buckets_at(row["occurred_at"][:MINUTE_TEXT])[row["subject"]]].append(row)
        return found

    def _find_slice(self, minute: str) -> _BucketsOfSlice:
        start = window_start(minute)
        layout = self._layout.layout_at(start)
        return self._buckets_of(layout, layout.slice_start(start))
