"""Judge the raw objects of closed days as ingest did, and keep the verdicts in files with a manifest."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import file_digest, sha256
from pathlib import Path

from shared.domain.archive.damage import damage_exceptions
from shared.domain.archive.delivery import Judge
from shared.domain.archive.partition import (
    A_DAY,
    CompactedFile,
    Damage,
    DamageKind,
    Manifest,
    Partition,
    RawInput,
    StoredObject,
    parts,
)
from shared.domain.identifiers import TenantId
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.archive_partitions import CompactableArchive
from shared.ports.delivery_files import DeliveryFiles
from shared.ports.exceptions import ExceptionReporter

CLOSED_AFTER = timedelta(hours=1)  # a raw object is written a minute after its records arrived
# A consumer that is behind may write for as long as its stream keeps records. After that a day is looked at only as
# long as nothing of it was compacted.
GROWS_FOR = 8 * A_DAY
MOST_IN_A_FILE = 32 * 1024 * 1024  # bytes of raw objects
MOST_IN_A_RUN = 16 * MOST_IN_A_FILE


@dataclass(slots=True)
class Compaction:
    """What a run did. `finished` is False when the next run has to go on."""

    files: int = 0
    deliveries: int = 0
    damages: int = 0
    finished: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveCompactor:
    """`judge` is ingest's own, `judged_with` names the catalogue that it has its contracts from.

    `looks_back` is how old a day may be; `scratch` is a folder for one file at a time. Two runs at once would do the
    work twice, and lose none of it.
    """

    tenant: TenantId
    judge: Judge
    judged_with: str
    looks_back: timedelta
    archive: CompactableArchive
    files: DeliveryFiles
    scratch: Path
    reporter: ExceptionReporter

    def compact(self, now: datetime) -> Compaction:
        """Compact closed days, oldest first, as much as a run may. What was compacted is not touched again."""
        done, damages, bytes_left = Compaction(), list[Damage](), MOST_IN_A_RUN
        for day in self._days(now):
            partition = self.archive.partition(day)
            damages += partition.damages()
            manifest = self._looked_at_again(partition, damages)
            for part in parts(partition.uncompacted(), max_bytes=MOST_IN_A_FILE):
                if bytes_left <= 0:
                    done.finished = False
                    break
                bytes_left -= sum(raw.size for raw in part)
                file = self._compacted(day, part)
                # After its file and before the next one: what a run that dies had done is done.
                manifest = manifest.with_file(file)
                self.archive.store_manifest(manifest)
                done.files += 1
                done.deliveries += file.rows
        self.reporter.report(list(damage_exceptions(damages, self.tenant, now)))
        done.damages = len(damages)
        return done

    def _days(self, now: datetime) -> Iterator[date]:
        first = (now - self.looks_back).date()
        compacted = self.archive.compacted_days(first)
        for day in self.archive.days(first, (now - CLOSED_AFTER).date()):
            if day not in compacted or datetime.combine(day, time(), UTC) + A_DAY + GROWS_FOR > now:
                yield day

    def _looked_at_again(self, partition: Partition, damages: list[Damage]) -> Manifest:
        """Return the manifest to go on with, after reading what is listed otherwise than when it was compacted."""
        manifest, day = partition.worth_keeping(), partition.manifest.day
        for known, raw in partition.changed():
            if self.archive.raw_content(raw).sha256 == known.sha256:
                manifest = manifest.with_input(RawInput(raw, known.sha256))
            else:
                damages.append(Damage(day, DamageKind.RAW_CHANGED, raw.key))
        if manifest != partition.manifest and not partition.uncompacted():
            self.archive.store_manifest(manifest)
        return manifest

    def _compacted(self, day: date, part: tuple[StoredObject, ...]) -> CompactedFile:
        """Write and store the file of a part. It is named by what it is made of: written again, it replaces itself."""
        path = self.scratch / "deliveries.parquet"
        inputs: list[RawInput] = []
        rows = self.files.write(self.judge(self._records(part, inputs)), path)
        with path.open("rb") as written:
            digest = file_digest(written, "sha256").hexdigest()
        stored = self.archive.store_file(day, f"{_name(part)}.parquet", path)
        return CompactedFile(
            stored=stored, sha256=digest, rows=rows, judged_with=self.judged_with, inputs=tuple(inputs)
        )

    def _records(self, part: tuple[StoredObject, ...], inputs: list[RawInput]) -> Iterator[StreamRecord]:
        for raw in part:
            content = self.archive.raw_content(raw)
            inputs.append(RawInput(raw, content.sha256))
            yield from content.records


def _name(part: tuple[StoredObject, ...]) -> str:
    return sha256("\n".join(f"{raw.key} {raw.size} {raw.etag}" for raw in part).encode()).hexdigest()[:16]
