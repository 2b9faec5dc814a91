"""An archive on this machine: a copy of the bucket, as `aws s3 sync` or `u2c run` leaves it."""

import gzip
import shutil
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from operations.u2c.bucket_copy import copy_objects
from shared.adapters.s3.archive_partitions import MANIFEST, compacted_prefix, digest_of
from shared.adapters.s3.usage_archive import raw_prefix, unpacked
from shared.contracts.archive_manifest import read_manifest
from shared.domain.archive.partition import CompactedFile, Manifest, Partition, StoredObject
from shared.domain.identifiers import TenantId
from shared.ports.archive_partitions import RawContent

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_DAY = "%Y/%m/%d"


class UnusableArchiveError(ValueError):
    """A file of the copy is not what the archive writes under its name; the message names it."""


class ArchiveFolder:
    """Port ArchivePartitions over files that are named by their keys. A copy knows no ETags, and shows none.

    Raises UnusableArchiveError where a file cannot be read for what its name says.
    """

    def __init__(self, folder: Path, tenant: TenantId) -> None:
        self._folder = folder
        self._raw = raw_prefix(tenant)
        self._compacted = compacted_prefix(tenant)

    def is_of_tenant(self) -> bool:
        """Tell whether there is anything of the tenant at all."""
        return (self._folder / self._raw).is_dir()

    def days(self, since: date, until: date) -> Sequence[date]:
        found = {
            date(*map(int, path.parts[-3:]))
            for prefix in (self._raw, self._compacted)
            for path in (self._folder / prefix).glob("[0-9]*/[0-9]*/[0-9]*")
        }
        return sorted(day for day in found if since <= day < until)

    def partition(self, day: date) -> Partition:
        folder = self._compacted + day.strftime(_DAY)
        manifest = self._folder / folder / MANIFEST
        return Partition(
            manifest=_manifest(manifest) if manifest.exists() else Manifest(day),
            raw=tuple(self._listing(self._raw + day.strftime(_DAY))),
            compacted=tuple(stored for stored in self._listing(folder) if not stored.key.endswith(f"/{MANIFEST}")),
        )

    def raw_content(self, raw: StoredObject) -> RawContent:
        path = self._folder / raw.key
        try:
            lines = gzip.decompress(path.read_bytes())
            return RawContent(tuple(unpacked(lines)), sha256(lines).hexdigest())
        except (gzip.BadGzipFile, zlib.error, EOFError, ValueError, KeyError, TypeError) as error:
            raise UnusableArchiveError(f"{path}: it is no raw object of an archive: {error}") from error

    def fetch(self, file: CompactedFile, path: Path) -> bool:
        shutil.copyfile(self._folder / file.stored.key, path)
        return digest_of(path) == file.sha256

    def _listing(self, folder: str) -> Iterator[StoredObject]:
        for path in sorted((self._folder / folder).rglob("*")):
            if path.is_file():
                yield StoredObject(path.relative_to(self._folder).as_posix(), path.stat().st_size, "")


def _manifest(path: Path) -> Manifest:
    try:
        return read_manifest(path.read_bytes())
    except ValueError as error:
        raise UnusableArchiveError(f"{path}: it is no manifest of an archive") from error


def copy_bucket(client: "S3Client", bucket: str, folder: Path) -> None:
    """Copy an archive; an empty one is an empty folder."""
    folder.mkdir(parents=True)
    copy_objects(client, bucket, folder)
