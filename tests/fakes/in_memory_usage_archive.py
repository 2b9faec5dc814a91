"""The usage archive in memory: raw records, compacted files, and what may happen to them."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path

from shared.domain.archive.partition import CompactedFile, Manifest, Partition, StoredObject
from shared.domain.time_period import Period
from shared.domain.usage.admission import BACKFILL_SHARDS
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.archive_partitions import RawContent


class InMemoryUsageArchive:
    """Port UsageArchive, and port CompactableArchive on the same objects: one raw object a batch and day."""

    def __init__(self) -> None:
        self._raw: dict[str, tuple[StreamRecord, ...]] = {}
        self._writes: dict[str, int] = {}
        self._files: dict[str, bytes] = {}
        self._manifests: dict[date, Manifest] = {}

    def write(self, records: Sequence[StreamRecord]) -> None:
        for place in {(record.arrived_at.date(), record.shard_id) for record in records}:
            batch = tuple(record for record in records if (record.arrived_at.date(), record.shard_id) == place)
            day, shard = place
            self._put_raw(f"{day}/{shard}/{batch[0].sequence_number:>08}-{batch[-1].sequence_number:>08}", batch)

    def read(self, arrived: Period) -> Iterator[StreamRecord]:
        records = {
            (record.shard_id, record.sequence_number): record for batch in self._raw.values() for record in batch
        }
        in_order = sorted(records.values(), key=lambda record: record.arrived_at)
        return (record for record in in_order if record.arrived_at in arrived)

    def read_backfills(self, arrived: Period) -> Iterator[StreamRecord]:
        return (record for record in self.read(arrived) if record.shard_id.startswith(BACKFILL_SHARDS))

    def days(self, since: date, until: date) -> Sequence[date]:
        found = {date.fromisoformat(key[:10]) for key in self._raw} | set(self._manifests)
        return sorted(day for day in found if since <= day < until)

    def compacted_days(self, since: date) -> Collection[date]:
        return {day for day in self._manifests if day >= since}

    def partition(self, day: date) -> Partition:
        return Partition(
            manifest=self._manifests.get(day, Manifest(day)),
            raw=tuple(self._listed_raw(key) for key in self._raw if key.startswith(f"{day}/")),
            compacted=tuple(
                _stored_file(key, body) for key, body in self._files.items() if key.startswith(f"compacted/{day}/")
            ),
        )

    def raw_content(self, raw: StoredObject) -> RawContent:
        records = self._raw[raw.key]
        return RawContent(records, sha256(repr(records).encode()).hexdigest())

    def fetch(self, file: CompactedFile, path: Path) -> bool:
        body = self._files.get(file.stored.key, b"")
        path.write_bytes(body)
        return sha256(body).hexdigest() == file.sha256

    def store_file(self, day: date, name: str, path: Path) -> StoredObject:
        key = f"compacted/{day}/{name}"
        self._files[key] = path.read_bytes()
        return _stored_file(key, self._files[key])

    def store_manifest(self, manifest: Manifest) -> None:
        self._manifests[manifest.day] = manifest

    def lose(self, key: str) -> None:
        """Have an object gone."""
        for objects in (self._raw, self._files):
            objects.pop(key, None)

    def replace_file(self, key: str, body: bytes) -> None:
        """Have somebody write other bytes under a compacted file's key."""
        self._files[key] = body

    def replace_raw(self, key: str, records: Sequence[StreamRecord]) -> None:
        """Have a raw object written again, with these records."""
        self._put_raw(key, tuple(records))

    def _put_raw(self, key: str, batch: tuple[StreamRecord, ...]) -> None:
        self._raw[key] = batch
        self._writes[key] = self._writes.get(key, 0) + 1

    def _listed_raw(self, key: str) -> StoredObject:
        # As with KMS in S3: the tag is of the write, and the same content written again has another one.
        size = sum(len(record.data) for record in self._raw[key])
        return StoredObject(key, size, f"{key}#{self._writes[key]}")


def _stored_file(key: str, body: bytes) -> StoredObject:
    return StoredObject(key, len(body), sha256(body).hexdigest())
