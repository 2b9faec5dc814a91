"""Put usage on a stream: rows of one group packed into few records, every record confirmed."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from shared.adapters.chunks import bounded_chunks
from shared.adapters.kinesis.put_records import MAX_BYTES_A_CALL, MAX_RECORDS_A_CALL, group_record, put_until_taken
from shared.contracts.usage_rows import AcceptedRow, BillableRow, accepted_row, billable_row
from shared.domain.usage.accepted import AcceptedUsage

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

    # A name in a signature only: who publishes accepted usage starts without the catalogue.
    from shared.domain.usage.billable import BillableUsage

MAX_PACKED_BYTES = 200_000
MAX_ROWS_A_RECORD = 2_000


class NotOnTheStreamError(RuntimeError):
    """Some records were refused to the end. What was put stays put: repeats are harmless, so publish all again."""


class UsagePublisher:
    """Publishes accepted or billable usage to one stream (ports AcceptedUsageStream and BillableUsageStream)."""

    def __init__(
        self, client: "KinesisClient", stream_name: str, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._stream_name = stream_name
        self._pause = pause

    def publish_accepted(self, usage: Sequence[AcceptedUsage]) -> None:
        self._publish([accepted_row(one) for one in usage])

    def publish_billable(self, usage: "Sequence[BillableUsage]") -> None:
        self._publish([billable_row(one) for one in usage])

    def _publish(self, rows: Sequence[AcceptedRow | BillableRow]) -> None:
        for call in _calls(rows):
            if left := put_until_taken(self._client, self._stream_name, call, pause=self._pause):
                raise NotOnTheStreamError(f"{len(left)} records were refused to the end by {self._stream_name}")


def _calls(rows: Sequence[AcceptedRow | BillableRow]) -> "Iterator[list[PutRecordsRequestEntryTypeDef]]":
    records = bounded_chunks(
        _packed(rows), size_of=lambda record: len(record[1]), most_items=MAX_RECORDS_A_CALL, most_bytes=MAX_BYTES_A_CALL
    )
    for call in records:
        yield [group_record(group, data) for group, data in call]


def _packed(rows: Sequence[AcceptedRow | BillableRow]) -> Iterator[tuple[int, bytes]]:
    """Pack rows of one group into JSON arrays."""
    for group, members in groupby(sorted(rows, key=_group), key=_group):
        texts = (json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() for row in members)
        for chunk in bounded_chunks(
            texts, size_of=_with_comma, most_items=MAX_ROWS_A_RECORD, most_bytes=MAX_PACKED_BYTES
        ):
            yield group, b"[" + b",".join(chunk) + b"]"


def _group(row: AcceptedRow | BillableRow) -> int:
    return row["group"]


def _with_comma(text: bytes) -> int:
    return len(text) + 1
