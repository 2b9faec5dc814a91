"""The raw archive in S3 page by page (port ArchivePages).

The objects of a shard and day overlap where a batch came again with other boundaries, and leave no gap between them. So
records are taken in the order of their numbers, and a mark is the last number taken.
"""

import gzip
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from shared.adapters.s3.usage_archive import raw_prefix, unpacked
from shared.domain.archive.partition import days_of
from shared.domain.identifiers import TenantId
from shared.domain.time_period import Period
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.archive_pages import ArchivePage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MOST_BYTES_A_PAGE = 512 * 1024  # packed: some ten thousand events


class _Object(NamedTuple):
    """A raw object, by what its key says of it. Sorts as its records were numbered."""

    shard: str
    first: int
    last: int
    key: str
    size: int


class S3ArchivePages:
    def __init__(self, client: "S3Client", bucket: str, tenant: TenantId) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = raw_prefix(tenant)

    def pages(self, arrived: Period, after: str) -> Iterator[ArchivePage]:
        left_day, left_shard, left_number = after.split("/") if after else ("", "", "-1")
        for day in days_of(arrived):
            if f"{day}" < left_day:
                continue
            for shard, members in groupby(sorted(self._objects(day)), key=lambda one: one.shard):
                is_behind = f"{day}" == left_day and shard <= left_shard
                if is_behind and shard != left_shard:
                    continue
                number = int(left_number) if is_behind else -1
                for records in self._batches([one for one in members if one.last > number], number):
                    taken = tuple(record for record in records if record.arrived_at in arrived)
                    if taken:
                        yield ArchivePage(taken, f"{day}/{shard}/{records[-1].sequence_number}")

    def _batches(self, objects: list[_Object], number: int) -> Iterator[list[StreamRecord]]:
        """Yield the records with greater numbers, in their order, as many at once as a page takes."""
        batch: list[StreamRecord] = []
        size = 0
        for stored in objects:
            if batch and size + stored.size > MOST_BYTES_A_PAGE:
                yield batch
                batch, size = [], 0
            records = sorted(self._records_of(stored.key), key=_number)
            fresh = [record for record in records if _number(record) > number]
            batch += fresh
            size += stored.size
            number = max(number, stored.last)
        if batch:
            yield batch

    def _objects(self, day: date) -> Iterator[_Object]:
        prefix = f"{self._prefix}{day:%Y/%m/%d}/"
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            for entry in page.get("Contents", []):
                shard, _, name = entry["Key"].removeprefix(prefix).partition("/")
                first, _, last = name.partition(".")[0].partition("-")
                yield _Object(shard, int(first), int(last), entry["Key"], entry["Size"])

    def _records_of(self, key: str) -> Iterator[StreamRecord]:
        body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return unpacked(gzip.decompress(body))


def _number(record: StreamRecord) -> int:
    return int(record.sequence_number)
