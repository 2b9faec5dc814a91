"""The usage archive by days of arrival, for those who count it and for those who compact it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from shared.domain.archive.partition import CompactedFile, Manifest, Partition, StoredObject
from shared.domain.usage.stream_record import StreamRecord


@dataclass(frozen=True, slots=True)
class RawContent:
    """A raw object, unpacked. `sha256` is of what was packed."""

    records: tuple[StreamRecord, ...]
    sha256: str


class ArchivePartitions(Protocol):
    """Days are UTC."""

    def days(self, since: date, until: date) -> Sequence[date]:
        """Return, in order, the days from `since` to before `until` that anything lies in."""

    def partition(self, day: date) -> Partition:
        """Return a day as it lies there now; without a manifest it has an empty one."""

    def raw_content(self, raw: StoredObject) -> RawContent:
        """Read a raw object."""

    def fetch(self, file: CompactedFile, path: Path) -> bool:
        """Copy a compacted file to a path; False if it is not the one of the manifest, and nothing to be read."""


class CompactableArchive(ArchivePartitions, Protocol):
    """What is stored replaces nothing but an earlier manifest of its day, or the same file."""

    def compacted_days(self, since: date) -> Collection[date]:
        """Return the days from `since` on that have a manifest."""

    def store_file(self, day: date, name: str, path: Path) -> StoredObject:
        """Store a compacted file, durable on return. The same name again replaces it."""

    def store_manifest(self, manifest: Manifest) -> None:
        """Make the manifest the one of its day."""
