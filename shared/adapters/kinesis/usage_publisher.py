"""Put usage on a stream: rows of one group packed into few records, every record confirmed."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from shared.adapters.chunks import bounded_chunks
from shared.contracts.usage_stream import AcceptedRow, BillableRow, accepted_row, billable_row
from shared.domain.usage.accepted import AcceptedUsage, BillableUsage

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

MAX_PACKED_BYTES = 200_000
MAX_ROWS_A_RECORD = 2_000
MAX_RECORDS_A_CALL = 500
MAX_BYTES_A_CALL = 5_000_000
MAX_ATTEMPTS = 5  # in a row, of which none took a record
_FIRST_PAUSE_SECONDS = 0.1


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

    def publish_billable(self, usage: Sequence[BillableUsage]) -> None:
        self._publish([billable_row(one) for one in usage])

    def _publish(self, rows: Sequence[AcceptedRow | BillableRow]) -> None:
        for call in _calls(rows):
            self._put_all(call)

    def _put_all(self, records: "list[PutRecordsRequestEntryTypeDef]") -> None:
        """Put the records of one call, again those that were refused, until none is left or none is taken any more.

        A shard takes a megabyte a second, and a full batch is several: as long as some are taken, the rest has only
        to wait. Repeated whole, the batch would meet the same limit again.
        """
        refusals = 0
        while refusals < MAX_ATTEMPTS:
            if refusals:
                self._pause(_FIRST_PAUSE_SECONDS * 2 ** (refusals - 1))
            answer = self._client.put_records(StreamName=self._stream_name, Records=records)
            results = zip(records, answer["Records"], strict=True)
            refused = [record for record, result in results if "SequenceNumber" not in result]
            if not refused:
                return
            refusals = 1 if len(refused) < len(records) else refusals + 1
            records = refused
        raise NotOnTheStreamError(f"{len(records)} records were refused {MAX_ATTEMPTS} times by {self._stream_name}")


def _calls(rows: Sequence[AcceptedRow | BillableRow]) -> "Iterator[list[PutRecordsRequestEntryTypeDef]]":
    records = bounded_chunks(
        _packed(rows), size_of=lambda record: len(record[1]), most_items=MAX_RECORDS_A_CALL, most_bytes=MAX_BYTES_A_CALL
    )
    for call in records:
        yield [{"PartitionKey": partition_key, "Data": data} for partition_key, data in call]


def _packed(rows: Sequence[AcceptedRow | BillableRow]) -> Iterator[tuple[str, bytes]]:
    """Pack rows into JSON arrays. The partition key is the group, so that one bucket is written by one lane."""
    for group, members in groupby(sorted(rows, key=_group), key=_group):
        texts = (json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() for row in members)
        for chunk in bounded_chunks(
            texts, size_of=_with_comma, most_items=MAX_ROWS_A_RECORD, most_bytes=MAX_PACKED_BYTES
        ):
            yield str(group), b"[" + b",".join(chunk) + b"]"


def _group(row: AcceptedRow | BillableRow) -> int:
    return row["group"]


def _with_comma(text: bytes) -> int:
    return len(text) + 1
