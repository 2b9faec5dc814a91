"""The manifest of an archive partition, as JSON beside its files."""

from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict

from shared.domain.archive.partition import CompactedFile, Manifest, RawInput, StoredObject


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Input(_Wire):
    key: str
    size: int
    etag: str
    sha256: str


class _File(_Wire):
    key: str
    size: int
    etag: str
    sha256: str
    rows: int
    judged_with: str
    inputs: tuple[_Input, ...]

    @classmethod
    def of(cls, file: CompactedFile) -> Self:
        return cls(
            key=file.stored.key,
            size=file.stored.size,
            etag=file.stored.etag,
            sha256=file.sha256,
            rows=file.rows,
            judged_with=file.judged_with,
            inputs=tuple(
                _Input(key=one.stored.key, size=one.stored.size, etag=one.stored.etag, sha256=one.sha256)
                for one in file.inputs
            ),
        )

    def to_domain(self) -> CompactedFile:
        return CompactedFile(
            stored=StoredObject(self.key, self.size, self.etag),
            sha256=self.sha256,
            rows=self.rows,
            judged_with=self.judged_with,
            inputs=tuple(RawInput(StoredObject(one.key, one.size, one.etag), one.sha256) for one in self.inputs),
        )


class _Manifest(_Wire):
    day: date
    rows: int  # of all files, for who reads it
    bytes: int
    files: tuple[_File, ...]


def write_manifest(manifest: Manifest) -> bytes:
    files = manifest.files
    wire = _Manifest(
        day=manifest.day,
        rows=sum(file.rows for file in files),
        bytes=sum(file.stored.size for file in files),
        files=tuple(_File.of(file) for file in files),
    )
    return wire.model_dump_json(indent=1).encode()


def read_manifest(body: bytes) -> Manifest:
    """Read a manifest; raise pydantic's ValidationError for what is none."""
    wire = _Manifest.model_validate_json(body)
    return Manifest(wire.day, tuple(file.to_domain() for file in wire.files))
