"""Where an event lives in the ledger: a function of its own subject and time, under a layout pinned by event time."""

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import pairwise, zip_longest
from typing import NamedTuple

from shared.domain.identifiers import TenantId
from shared.domain.time_period import Period, format_instant, parse_instant

WINDOW = timedelta(minutes=15)
MAX_SLICE = timedelta(days=7)  # what the ledger forgets is dated by the start of its slice
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class InvalidLayoutError(ValueError):
    """The bucket layout contradicts itself: an event would have two homes, or none."""


class Bucket(NamedTuple):
    """One group of subjects in one slice of event time: the unit that is appended to and sealed.

    A tuple, because it is the key by which every event is sorted.
    """

    version: int
    group: int
    slice_start: datetime

    def key(self, tenant: TenantId) -> str:
        """Return the partition key of the bucket's base log."""
        return f"{tenant}#{self.version}#{self.group}#{format_instant(self.slice_start)}"


def late_key(tenant: TenantId, version: int, group: int) -> str:
    """Return the partition key of a group's late log, which holds every slice of it."""
    return f"{tenant}#{version}#{group}#late"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutVersion:
    """How events from `valid_from` (UTC, by event time) on are spread. Slices start at multiples of their length."""

    version: int
    valid_from: datetime
    groups: int
    slice_length: timedelta

    def group_of(self, subject: str) -> int:
        return int.from_bytes(blake2b(subject.encode(), digest_size=8).digest()) % self.groups

    def slice_start(self, occurred_at: datetime) -> datetime:
        return occurred_at - (occurred_at - _EPOCH) % self.slice_length

    def bucket(self, subject: str, occurred_at: datetime) -> Bucket:
        return Bucket(self.version, self.group_of(subject), self.slice_start(occurred_at))


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice of event time, [start, end) in UTC, with every bucket it has."""

    start: datetime
    end: datetime
    buckets: tuple[Bucket, ...]


class BucketLayout:
    """All versions of the layout, by event time. Raises InvalidLayoutError for one that could split a slice."""

    def __init__(self, versions: tuple[LayoutVersion, ...]) -> None:
        self._versions = tuple(sorted(versions, key=lambda version: version.valid_from))
        self._valid_from = [version.valid_from for version in self._versions]
        _check(self._versions)

    @classmethod
    def parse(cls, text: str) -> "BucketLayout":
        """Read the setting BUCKET_LAYOUT: a JSON array of {version, valid_from, groups, slice_minutes}."""
        return cls(
            tuple(
                LayoutVersion(
                    version=entry["version"],
                    valid_from=parse_instant(entry["valid_from"]),
                    groups=entry["groups"],
                    slice_length=timedelta(minutes=entry["slice_minutes"]),
                )
                for entry in json.loads(text)
            )
        )

    def layout_at(self, occurred_at: datetime) -> LayoutVersion:
        """Return the version in force at an event time; raise InvalidLayoutError before the first."""
        place = bisect_right(self._valid_from, occurred_at)
        if not place:
            raise InvalidLayoutError(f"no bucket layout is valid at {occurred_at}")
        return self._versions[place - 1]

    def home(self, subject: str, occurred_at: datetime) -> Bucket:
        return self.layout_at(occurred_at).bucket(subject, occurred_at)

    def versions_in(self, period: Period) -> Iterator[LayoutVersion]:
        """Yield the versions in force at some time of the period."""
        for version, following in zip_longest(self._versions, self._versions[1:]):
            valid = Period(version.valid_from, following.valid_from if following else None)
            if valid.overlaps(period):
                yield version

    def first_slice(self, period: Period) -> datetime:
        """Return the start of the slice that holds the start of the period."""
        return self.layout_at(period.start).slice_start(period.start)

    def slices(self, period: Period) -> Iterator[Slice]:
        """Yield the slices that overlap a period with an end, in order of time."""
        if period.end is None:
            raise ValueError("an open period has no last slice")
        start = self.first_slice(period)
        while start < period.end:
            layout = self.layout_at(start)
            end = start + layout.slice_length
            buckets = tuple(Bucket(layout.version, group, start) for group in range(layout.groups))
            yield Slice(start, end, buckets)
            start = end


def _check(versions: tuple[LayoutVersion, ...]) -> None:
    if not versions:
        raise InvalidLayoutError("the bucket layout has no version")
    if len({version.version for version in versions}) < len(versions):
        raise InvalidLayoutError("two bucket layouts have one version number")
    for version in versions:
        if version.groups < 1 or version.slice_length < WINDOW or version.slice_length % WINDOW:
            raise InvalidLayoutError(f"version {version.version} needs groups, and slices of whole 15-minute windows")
        if version.slice_length > MAX_SLICE:
            raise InvalidLayoutError(f"version {version.version} has slices of more than {MAX_SLICE.days} days")
        if version.slice_start(version.valid_from) != version.valid_from:
            raise InvalidLayoutError(f"version {version.version} does not start where a slice of it starts")
    for before, after in pairwise(versions):
        if before.slice_start(after.valid_from) != after.valid_from:
            raise InvalidLayoutError(f"version {after.version} starts within a slice of version {before.version}")
