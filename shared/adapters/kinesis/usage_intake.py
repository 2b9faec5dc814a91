"""Put events on the stream that products write to, packed as they were sent (port UsageIntake)."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from shared.adapters.chunks import bounded_chunks
from shared.adapters.kinesis.put_records import MAX_BYTES_A_CALL, MAX_RECORDS_A_CALL, group_record, put_until_taken
from shared.ports.usage_intake import RawUsage

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

MAX_PACKED_BYTES = 200_000
MAX_EVENTS_A_RECORD = 2_000

_Placed = tuple[int, RawUsage]


class KinesisUsageIntake:
    def __init__(
        self, client: "KinesisClient", stream_name: str, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._stream_name = stream_name
        self._pause = pause

    def put(self, usage: Sequence[RawUsage]) -> Sequence[bool]:
        confirmed = [True] * len(usage)
        calls = bounded_chunks(
            _packs(usage), size_of=_bytes_of, most_items=MAX_RECORDS_A_CALL, most_bytes=MAX_BYTES_A_CALL
        )
        for packs in calls:
            records = [group_record(pack[0][1].group, _data(pack)) for pack in packs]
            for refused in put_until_taken(self._client, self._stream_name, records, pause=self._pause):
                for place, _ in packs[refused]:
                    confirmed[place] = False
        return confirmed


def _packs(usage: Sequence[RawUsage]) -> Iterator[list[_Placed]]:
    """Yield what travels together: events of one group, in the order in which they were sent."""
    by_group = sorted(enumerate(usage), key=_group)
    for _, members in groupby(by_group, key=_group):
        yield from bounded_chunks(
            members,
            size_of=lambda placed: len(placed[1].text) + 1,
            most_items=MAX_EVENTS_A_RECORD,
            most_bytes=MAX_PACKED_BYTES,
        )


def _group(placed: _Placed) -> int:
    return placed[1].group


def _bytes_of(pack: Sequence[_Placed]) -> int:
    return sum(len(event.text) + 1 for _, event in pack) + 1


def _data(pack: Sequence[_Placed]) -> bytes:
    return b"[" + b",".join(event.text for _, event in pack) + b"]"
