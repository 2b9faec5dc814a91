"""The raw archive: gzipped JSON lines by day of arrival, in S3."""

import base64
import gzip
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from shared.domain.archive.partition import days_of
from shared.domain.identifiers import TenantId
from shared.domain.time_period import Period, format_instant, parse_instant
from shared.domain.usage.admission import BACKFILL_SHARDS
from shared.domain.usage.stream_record import StreamRecord

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_DAY = "%Y/%m/%d"
_COMPRESSION_LEVEL = 6


class S3UsageArchive:
    """Port UsageArchive. An object is named by what is in it, so a batch written again overwrites itself.

    A batch that comes again with other boundaries makes objects that overlap: read() yields each record once.
    """

    def __init__(self, client: "S3Client", bucket: str, tenant: TenantId) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = raw_prefix(tenant)

    def write(self, records: Sequence[StreamRecord]) -> None:
        for (day, shard_id), members in groupby(sorted(records, key=_place), key=_day_and_shard):
            batch = list(members)
            name = f"{batch[0].sequence_number}-{batch[-1].sequence_number}.jsonl.gz"
            self._client.put_object(
                Bucket=self._bucket, Key=f"{self._prefix}{day}/{shard_id}/{name}", Body=_packed(batch)
            )

    def read(self, arrived: Period) -> Iterator[StreamRecord]:
        return self._read(arrived, self._keys(arrived))

    def read_backfills(self, arrived: Period) -> Iterator[StreamRecord]:
        folders = (f"{self._prefix}{day.strftime(_DAY)}/{BACKFILL_SHARDS}" for day in days_of(arrived))
        return self._read(arrived, (key for folder in folders for key in self._listed(folder)))

    def _read(self, arrived: Period, keys_by_day: Iterator[str]) -> Iterator[StreamRecord]:
        for _, keys in groupby(keys_by_day, key=self._day_of):
            seen: set[tuple[str, str]] = set()  # a record has one arrival time, so it repeats within one day only
            for key in keys:
                for record in self._records_of(key):
                    identity = (record.shard_id, record.sequence_number)
                    if record.arrived_at in arrived and identity not in seen:
                        seen.add(identity)
                        yield record

    def _keys(self, arrived: Period) -> Iterator[str]:
        """List the objects of the period's days; keys sort as time does, so the listing starts and stops on time."""
        first_day = self._prefix + arrived.start.strftime(_DAY)
        # "0" is the character after "/": the listing ends behind every key of the last day.
        beyond = self._prefix + _last_day(arrived.end) + "0" if arrived.end else None
        listed = self._listed(self._prefix, after=first_day)
        return listed if beyond is None else takewhile(lambda key: key < beyond, listed)

    def _listed(self, prefix: str, *, after: str = "") -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, StartAfter=after
        )
        for page in pages:
            yield from (entry["Key"] for entry in page.get("Contents", []))

    def _day_of(self, key: str) -> str:
        return key[len(self._prefix) :].rsplit("/", 2)[0]

    def _records_of(self, key: str) -> Iterator[StreamRecord]:
        body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return unpacked(gzip.decompress(body))


def raw_prefix(tenant: TenantId) -> str:
    """Return what the keys of a tenant's raw objects start with; YYYY/MM/DD of arrival, shard and name follow."""
    return f"usage/{tenant}/"


def unpacked(lines: bytes) -> Iterator[StreamRecord]:
    """Read the records of a raw object, after gzip."""
    for line in lines.splitlines():
        kept = json.loads(line)
        yield StreamRecord(
            shard_id=kept["shard"],
            sequence_number=kept["sequence"],
            arrived_at=parse_instant(kept["arrived_at"]),
            data=base64.b64decode(kept["data"]),
        )


def _place(record: StreamRecord) -> tuple[str, str, int, str]:
    # Sequence numbers are decimal text of any length: the longer one is the later one.
    day, shard_id = _day_and_shard(record)
    return day, shard_id, len(record.sequence_number), record.sequence_number


def _day_and_shard(record: StreamRecord) -> tuple[str, str]:
    return record.arrived_at.astimezone(UTC).strftime(_DAY), record.shard_id


def _last_day(end: datetime) -> str:
    return (end - timedelta(microseconds=1)).strftime(_DAY)


def _packed(records: Sequence[StreamRecord]) -> bytes:
    lines = (
        json.dumps(
            {
                "shard": record.shard_id,
                "sequence": record.sequence_number,
                "arrived_at": format_instant(record.arrived_at),
                "data": base64.b64encode(record.data).decode(),
            },
            separators=(",", ":"),
        )
        for record in records
    )
    # mtime=0: the same records make the same bytes.
    return gzip.compress("\n".join(lines).encode(), compresslevel=_COMPRESSION_LEVEL, mtime=0)
