"""Streams in shards that close and open, as Kinesis has them, and the client that puts records on one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zlib import crc32

from shared.domain.metering.watermark import Checkpoint, ShardPosition
from shared.domain.usage.stream_record import StreamRecord
from tests.fakes.steady_clock import SteadyClock

HASH_KEYS = 1 << 16


@dataclass(slots=True)
class Shard:
    """Hash keys [first, last). `skew` is how far its clock is off."""

    shard_id: str
    first: int
    last: int
    skew: timedelta
    parents: tuple[str, ...] = ()
    closed: bool = False
    records: list[StreamRecord] = field(default_factory=list)


class Stream:
    """Sequence numbers rise over the whole stream; within retention, closed shards stay."""

    def __init__(self, name: str, clock: SteadyClock) -> None:
        self.name = name
        self.shards: dict[str, Shard] = {}
        self._clock = clock
        self._sequence = 0
        self._open(0, HASH_KEYS, timedelta(0), ())

    def put(self, partition_key: str, data: bytes, hash_key: str | None = None) -> StreamRecord:
        hashed = crc32(partition_key.encode()) % HASH_KEYS if hash_key is None else int(hash_key) * HASH_KEYS >> 128
        shard = next(one for one in self.open_shards() if one.first <= hashed < one.last)
        self._sequence += 1
        arrived_at = self._clock.now() + shard.skew
        if shard.records:
            arrived_at = max(arrived_at, shard.records[-1].arrived_at)
        record = StreamRecord(shard.shard_id, str(self._sequence), arrived_at, data)
        shard.records.append(record)
        return record

    def open_shards(self) -> list[Shard]:
        return [shard for shard in self.shards.values() if not shard.closed]

    def split(self, shard: Shard, skews: tuple[timedelta, timedelta]) -> None:
        middle = (shard.first + shard.last) // 2
        shard.closed = True
        self._open(shard.first, middle, skews[0], (shard.shard_id,))
        self._open(middle, shard.last, skews[1], (shard.shard_id,))

    def merge(self, left: Shard, right: Shard) -> None:
        left.closed = right.closed = True
        self._open(left.first, right.last, left.skew, (left.shard_id, right.shard_id))

    def _open(self, first: int, last: int, skew: timedelta, parents: tuple[str, ...]) -> None:
        shard_id = f"shardId-{len(self.shards):012d}"
        self.shards[shard_id] = Shard(shard_id, first, last, skew, parents)


class StreamClient:
    """What UsagePublisher needs of a Kinesis client."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def put_records(self, *, StreamName: str, Records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert StreamName == self._stream.name
        put = [self._stream.put(one["PartitionKey"], one["Data"], one.get("ExplicitHashKey")) for one in Records]
        return {"Records": [{"SequenceNumber": one.sequence_number, "ShardId": one.shard_id} for one in put]}


class StreamTailsOf:
    """What lies beyond checkpoints (port StreamTails)."""

    def __init__(self, streams: Mapping[str, Stream]) -> None:
        self._streams = streams

    def positions(self, stream: str, checkpoints: Mapping[str, Checkpoint]) -> Sequence[ShardPosition]:
        return [
            _position(shard.records, checkpoints.get(shard.shard_id)) for shard in self._streams[stream].shards.values()
        ]


def _position(records: Sequence[StreamRecord], checkpoint: Checkpoint | None) -> ShardPosition:
    read = int(checkpoint.sequence_number) if checkpoint else 0
    return ShardPosition(checkpoint, drained=not records or int(records[-1].sequence_number) <= read)
