"""The archive's partitions in S3 (port CompactableArchive): compacted files and manifests beside the raw objects."""

import gzip
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING

from shared.adapters.s3.usage_archive import raw_prefix, unpacked
from shared.contracts.archive_manifest import read_manifest, write_manifest
from shared.domain.archive.partition import CompactedFile, Manifest, Partition, StoredObject
from shared.domain.identifiers import TenantId
from shared.ports.archive_partitions import RawContent

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MANIFEST = "manifest.json"
_DAY = "%Y/%m/%d"


class S3ArchivePartitions:
    def __init__(self, client: "S3Client", bucket: str, tenant: TenantId) -> None:
        self._client = client
        self._bucket = bucket
        self._raw = raw_prefix(tenant)
        self._compacted = compacted_prefix(tenant)

    def days(self, since: date, until: date) -> Sequence[date]:
        found = {
            day
            for prefix in (self._raw, self._compacted)
            for month in _months(since, until)
            for day in self._days_of_month(prefix, month)
        }
        return sorted(day for day in found if since <= day < until)

    def compacted_days(self, since: date) -> Collection[date]:
        listed = self._listing(self._compacted, after=self._compacted + since.strftime(_DAY))
        return {self._day_of(stored.key) for stored in listed if stored.key.endswith(f"/{MANIFEST}")}

    def partition(self, day: date) -> Partition:
        # The manifest first: what is stored meanwhile is listed beyond it, and nothing of it can seem to be gone.
        manifest = self._manifest(day)
        compacted = (stored for stored in self._listing(self._folder(day)) if not stored.key.endswith(f"/{MANIFEST}"))
        raw = self._listing(f"{self._raw}{day.strftime(_DAY)}/")
        return Partition(manifest=manifest, raw=tuple(raw), compacted=tuple(compacted))

    def raw_content(self, raw: StoredObject) -> RawContent:
        lines = gzip.decompress(self._body(raw.key))
        return RawContent(tuple(unpacked(lines)), sha256(lines).hexdigest())

    def fetch(self, file: CompactedFile, path: Path) -> bool:
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=file.stored.key)["Body"]
        except self._client.exceptions.NoSuchKey:
            return False
        with path.open("wb") as copy:
            for chunk in body.iter_chunks(1024 * 1024):
                copy.write(chunk)
        return digest_of(path) == file.sha256

    def store_file(self, day: date, name: str, path: Path) -> StoredObject:
        key = self._folder(day) + name
        with path.open("rb") as body:
            stored = self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
        return StoredObject(key, path.stat().st_size, stored["ETag"])

    def store_manifest(self, manifest: Manifest) -> None:
        key = self._folder(manifest.day) + MANIFEST
        self._client.put_object(Bucket=self._bucket, Key=key, Body=write_manifest(manifest))

    def _days_of_month(self, prefix: str, month: date) -> Iterator[date]:
        """List the folders of a month's days, not what is in them."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{prefix}{month:%Y/%m}/", Delimiter="/"
        )
        for page in pages:
            for folder in page.get("CommonPrefixes", []):
                yield month.replace(day=int(folder["Prefix"][-3:-1]))

    def _manifest(self, day: date) -> Manifest:
        try:
            return read_manifest(self._body(self._folder(day) + MANIFEST))
        except self._client.exceptions.NoSuchKey:
            return Manifest(day)

    def _folder(self, day: date) -> str:
        return f"{self._compacted}{day.strftime(_DAY)}/"

    def _day_of(self, key: str) -> date:
        year, month, day, _ = key.removeprefix(self._compacted).split("/")
        return date(int(year), int(month), int(day))

    def _body(self, key: str) -> bytes:
        return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def _listing(self, prefix: str, *, after: str = "") -> Iterator[StoredObject]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, StartAfter=after
        )
        for page in pages:
            for entry in page.get("Contents", []):
                yield StoredObject(entry["Key"], entry["Size"], entry["ETag"])


def _months(since: date, until: date) -> Iterator[date]:
    month = since.replace(day=1)
    while month < until:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def compacted_prefix(tenant: TenantId) -> str:
    """Return what the keys of a tenant's compacted files start with; YYYY/MM/DD of arrival and the name follow."""
    return f"compacted/{tenant}/"


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
