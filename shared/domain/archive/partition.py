"""One day of arrivals in the archive: its raw objects, and the files that say what ingest makes of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from shared.domain.time_period import Period

A_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class StoredObject:
    """An object as a listing shows it. A local copy knows no ETag; "" stands for that."""

    key: str
    size: int
    etag: str

    def is_same_as(self, other: "StoredObject") -> bool:
        """Say whether both may be one object, as far as a listing can tell."""
        etags_agree = self.etag == other.etag or "" in (self.etag, other.etag)
        return (self.key, self.size) == (other.key, other.size) and etags_agree


@dataclass(frozen=True, slots=True)
class RawInput:
    """A raw object that was compacted. `sha256` is of its unpacked content: packed anew it is still the same."""

    stored: StoredObject
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactedFile:
    """A Parquet file of judged deliveries, and the raw objects that it was made of.

    `judged_with` names the catalogue whose contracts judged; `sha256` is of the file.
    """

    stored: StoredObject
    sha256: str
    rows: int
    judged_with: str
    inputs: tuple[RawInput, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was compacted of one day (UTC) of arrivals."""

    day: date
    files: tuple[CompactedFile, ...] = ()

    def with_file(self, file: CompactedFile) -> "Manifest":
        """Add a file; one of the same key is replaced."""
        return Manifest(self.day, (*(one for one in self.files if one.stored.key != file.stored.key), file))

    def with_input(self, taken: RawInput) -> "Manifest":
        """Say how an input is listed now."""
        return Manifest(
            self.day,
            tuple(
                replace(
                    file,
                    inputs=tuple(taken if one.stored.key == taken.stored.key else one for one in file.inputs),
                )
                for file in self.files
            ),
        )


class DamageKind(StrEnum):
    FILE_MISSING = "compacted file is gone"
    FILE_CHANGED = "compacted file is not the one that was written"
    RAW_MISSING = "raw object is gone"
    RAW_CHANGED = "raw object has other content than when it was compacted"


@dataclass(frozen=True, slots=True, order=True)
class Damage:
    """Something that the manifest knows and that is not in the archive as it was."""

    day: date
    kind: DamageKind
    key: str

    def __str__(self) -> str:
        return f"{self.key}: {self.kind.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A day as it lies there: its manifest, and listings of its raw objects and of its compacted files."""

    manifest: Manifest
    raw: tuple[StoredObject, ...]
    compacted: tuple[StoredObject, ...]

    def sound_files(self) -> tuple[CompactedFile, ...]:
        """Return the files that are listed as the manifest says."""
        listed = _by_key(self.compacted)
        return tuple(file for file in self.manifest.files if _holds(listed, file.stored))

    def uncompacted(self) -> tuple[StoredObject, ...]:
        """Return the raw objects that no sound file was made of."""
        known = self._inputs()
        return tuple(sorted(raw for raw in self.raw if raw.key not in known))

    def changed(self) -> tuple[tuple[RawInput, StoredObject], ...]:
        """Return what was compacted and is listed otherwise now, with how it is listed.

        It may be the same content written again; only reading it tells.
        """
        known = self._inputs()
        return tuple(
            (known[raw.key], raw) for raw in self.raw if raw.key in known and not known[raw.key].stored.is_same_as(raw)
        )

    def worth_keeping(self) -> Manifest:
        """Return the manifest without the files that can be made again: all of their raw objects are there."""
        sound, raw = set(self.sound_files()), _by_key(self.raw)
        return Manifest(
            self.manifest.day,
            tuple(
                file
                for file in self.manifest.files
                if file in sound or any(taken.stored.key not in raw for taken in file.inputs)
            ),
        )

    def damages(self) -> Iterator[Damage]:
        """Yield what is gone or was replaced. A raw object that only looks changed is left to whoever reads it."""
        compacted, raw = _by_key(self.compacted), _by_key(self.raw)
        for file in self.manifest.files:
            if file.stored.key not in compacted:
                yield Damage(self.manifest.day, DamageKind.FILE_MISSING, file.stored.key)
            elif not _holds(compacted, file.stored):
                yield Damage(self.manifest.day, DamageKind.FILE_CHANGED, file.stored.key)
            for taken in file.inputs:
                if taken.stored.key not in raw:
                    yield Damage(self.manifest.day, DamageKind.RAW_MISSING, taken.stored.key)

    def _inputs(self) -> Mapping[str, RawInput]:
        return {taken.stored.key: taken for file in self.sound_files() for taken in file.inputs}


def days_of(arrived: Period) -> Iterator[date]:
    """Yield the days (UTC) of arrival that a period with an end overlaps."""
    day, until = bounds_in_days(arrived)
    while day < until:
        yield day
        day += A_DAY


def bounds_in_days(period: Period) -> tuple[date, date]:
    """Return the first day (UTC) of a period with an end, and the day after its last one."""
    if period.end is None:
        raise ValueError("an open period has no last day")
    return period.start.date(), (period.end - _INSTANT).date() + A_DAY


def parts(objects: Sequence[StoredObject], *, max_bytes: int) -> Iterator[tuple[StoredObject, ...]]:
    """Cut objects into parts that become a file each, in order; one that is too large is a part by itself."""
    part: list[StoredObject] = []
    for stored in objects:
        if part and sum(taken.size for taken in part) + stored.size > max_bytes:
            yield tuple(part)
            part = []
        part.append(stored)
    if part:
        yield tuple(part)


def _by_key(objects: Sequence[StoredObject]) -> Mapping[str, StoredObject]:
    return {stored.key: stored for stored in objects}


def _holds(listed: Mapping[str, StoredObject], stored: StoredObject) -> bool:
    return stored.key in listed and listed[stored.key].is_same_as(stored)
