"""Snapshots of sealed usage in DynamoDB (port UsageSnapshots): an item a customer and bucket, more if one is large."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shared.adapters.chunks import bounded_chunks
from shared.domain.identifiers import CustomerId, TenantId
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.layout import Bucket
from shared.domain.metering.packing import packed_parts, unpack_windows
from shared.domain.metering.reading import SlotsRead
from shared.domain.metering.usage_place import slots_read
from shared.domain.time_period import Period, format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MAX_ITEM_BYTES = 350_000
_ITEMS_A_CALL = 25
_BYTES_A_CALL = 8_000_000
_MAX_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 0.1


class SnapshotsNotWrittenError(RuntimeError):
    """The table took some snapshots and refused others to the end. Writing all again is harmless."""


class DynamoUsageSnapshots:
    """Writes and reads what each customer used in each sealed bucket. A snapshot never changes and never expires."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        tenant: TenantId,
        *,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant
        self._pause = pause

    def write(self, bucket: Bucket, seal: int, usage: Mapping[CustomerId, Sequence[WindowUsage]]) -> None:
        items = (
            self._item(customer_id, bucket, seal, part, packed)
            for customer_id, windows in usage.items()
            for part, packed in enumerate(packed_parts(windows, bucket.slice_start, most_bytes=_MAX_ITEM_BYTES))
        )
        for chunk in bounded_chunks(items, size_of=_size, most_items=_ITEMS_A_CALL, most_bytes=_BYTES_A_CALL):
            self._put_all([{"PutRequest": {"Item": item}} for item in chunk])

    def read(self, customer_id: CustomerId, slices: Period) -> Iterator[tuple[SlotsRead, tuple[WindowUsage, ...]]]:
        """Yield the seal and the windows of every snapshot of slices that start in the period."""
        until = format_instant(slices.end) if slices.end else "~"
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :until",
            ExpressionAttributeValues={
                ":pk": {"S": self._partition(customer_id)},
                ":first": {"S": format_instant(slices.start)},
                ":until": {"S": until},
            },
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                slice_text, version, group, _ = item["sk"]["S"].split("#")
                bucket = Bucket(int(version), int(group), parse_instant(slice_text))
                windows = unpack_windows(item["rows"]["B"], bucket.slice_start)
                yield slots_read(bucket, int(item["seal"]["N"])), windows

    def _put_all(self, requests: list[Any]) -> None:
        for attempt in range(_MAX_ATTEMPTS):
            if attempt:
                self._pause(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
            answer = self._client.batch_write_item(RequestItems={self._table: requests})
            requests = answer["UnprocessedItems"].get(self._table, [])
            if not requests:
                return
        raise SnapshotsNotWrittenError(f"{len(requests)} snapshots were refused {_MAX_ATTEMPTS} times")

    def _item(self, customer_id: CustomerId, bucket: Bucket, seal: int, part: int, packed: bytes) -> dict[str, Any]:
        sort_key = f"{format_instant(bucket.slice_start)}#{bucket.version}#{bucket.group}#{part:03d}"
        return {
            "pk": {"S": self._partition(customer_id)},
            "sk": {"S": sort_key},
            "rows": {"B": packed},
            "seal": {"N": str(seal)},
        }

    def _partition(self, customer_id: CustomerId) -> str:
        return f"{self._tenant}#usage#{customer_id}"


def _size(item: dict[str, Any]) -> int:
    return len(item["rows"]["B"])
