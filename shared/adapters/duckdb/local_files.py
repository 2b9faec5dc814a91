"""The archive of some days as local files: compacted ones as they are, everything else judged here and now."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.adapters.duckdb.superseded import may_be_read_by_now
from shared.domain.archive.delivery import Judge
from shared.domain.archive.partition import (
    CompactedFile,
    Damage,
    DamageKind,
    Partition,
    StoredObject,
    bounds_in_days,
)
from shared.domain.time_period import Period
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.archive_partitions import ArchivePartitions
from shared.ports.delivery_files import DeliveryFiles


class LocalFiles:
    """Brings every delivery of the days into a folder, some of them perhaps twice; nothing of it is stored again."""

    def __init__(self, archive: ArchivePartitions, files: DeliveryFiles, judge: Judge, folder: Path) -> None:
        self._archive = archive
        self._files = files
        self._judge = judge
        self._folder = folder
        self._made = 0
        self.damages: list[Damage] = []

    def of(self, arrived: Period) -> Sequence[Path]:
        """Return the files of the days that a period overlaps, at least one."""
        days = self._archive.days(*bounds_in_days(arrived))
        paths = [path for day in days for path in self._of_day(self._archive.partition(day))]
        return paths or [self._judged(())]

    def _of_day(self, partition: Partition) -> Iterator[Path]:
        self.damages += partition.damages()
        # What only looks changed is judged beside its compacted self: if nothing changed, nothing is counted twice.
        raw = [*partition.uncompacted(), *(changed for _, changed in partition.changed())]
        for file in partition.sound_files():
            path = self._next_path()
            if self._archive.fetch(file, path):
                inputs = _inputs_of(file, partition)
                if len(inputs) == len(file.inputs) and may_be_read_by_now(path):
                    raw += inputs
                else:
                    yield path
            else:
                self.damages.append(Damage(partition.manifest.day, DamageKind.FILE_CHANGED, file.stored.key))
                raw += _inputs_of(file, partition)
        if raw:
            yield self._judged(raw)

    def _judged(self, raw: Sequence[StoredObject]) -> Path:
        path = self._next_path()
        self._files.write(self._judge(self._records(raw)), path)
        return path

    def _records(self, raw: Sequence[StoredObject]) -> Iterator[StreamRecord]:
        for stored in raw:
            yield from self._archive.raw_content(stored).records

    def _next_path(self) -> Path:
        self._made += 1
        return self._folder / f"{self._made:05d}.parquet"


def _inputs_of(file: CompactedFile, partition: Partition) -> list[StoredObject]:
    keys = {taken.stored.key for taken in file.inputs}
    return [raw for raw in partition.raw if raw.key in keys]
