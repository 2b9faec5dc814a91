"""Sort events by the bucket they live in, fast: the answers repeat, so they are remembered."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from shared.domain.metering.layout import Bucket, BucketLayout, LayoutVersion
from shared.domain.metering.tally import MINUTE_TEXT, UsageRow, window_start

_MINUTES_REMEMBERED = 16_384
_SUBJECTS_REMEMBERED = 65_536


class Homes:
    """Finds homes by a layout. Only the event's own subject and time decide; what enrichment added does not."""

    def __init__(self, layout: BucketLayout) -> None:
        self._layout = layout
        self._slice_at = lru_cache(_MINUTES_REMEMBERED)(self._find_slice)
        self._group_of = lru_cache(_SUBJECTS_REMEMBERED)(LayoutVersion.group_of)

    def by_bucket(self, rows: Iterable[UsageRow]) -> dict[Bucket, list[UsageRow]]:
        """Return the rows by bucket, in their order."""
        slice_at, group_of = self._slice_at, self._group_of
        found: dict[tuple[int, int, datetime], list[UsageRow]] = {}
        for row in rows:
            layout, slice_start = slice_at(row["occurred_at"][:MINUTE_TEXT])
            home = (layout.version, group_of(layout, row["subject"]), slice_start)
            if home in found:
                found[home].append(row)
            else:
                found[home] = [row]
        return {Bucket(*home): members for home, members in found.items()}

    def _find_slice(self, minute: str) -> tuple[LayoutVersion, datetime]:
        start = window_start(minute)
        layout = self._layout.layout_at(start)
        return layout, layout.slice_start(start)
