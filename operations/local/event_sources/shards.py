"""The shards of a stream as an event source sees them: what may be read, in which lanes, and up to which checkpoint."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from zlib import crc32

from moto.kinesis.models import Record

from operations.local.clock import SimulatedClock
from operations.local.event_sources.lane_progress import LaneProgress
from operations.local.event_sources.mapping import EventSourceMapping
from operations.local.moto_engine.sources import ShardState, records_after, retention_seconds, shards_of


class StreamShards:
    """A shard is open for reading once its parents are drained: nothing of a key is read before what came earlier.

    Every shard is read from its first record. Records older than the stream's retention are gone.
    """

    def __init__(self, mapping: EventSourceMapping, clock: SimulatedClock) -> None:
        self._mapping = mapping
        self._clock = clock
        self._lanes: dict[str, Sequence[LaneProgress]] = {}

    def readable(self) -> Sequence[Sequence[LaneProgress]]:
        """Return the lanes of each shard that may be read by now."""
        shards = {shard.shard_id: shard for shard in shards_of(self._mapping.source_name, self._mapping.region)}
        if len(shards) > len(self._lanes):
            for shard in shards.values():
                if shard.shard_id not in self._lanes and all(self._drained(shards, each) for each in shard.parents):
                    self._lanes[shard.shard_id] = self._lanes_from(shard.shard_id, 0)
        return tuple(self._lanes.values())

    def records(self, lane: LaneProgress) -> Iterator[Record]:
        """Read what comes next in a lane, to the end of the shard or of a batch that failed."""
        following = self._records_after(lane.shard_id, lane.checkpoint)
        own = (record for record in following if self._lane_of(record) == lane.lane)
        end = lane.end()
        return own if end is None else takewhile(lambda record: record.sequence_number <= end, own)

    def checkpoint(self, shard_id: str) -> int:
        """Return the sequence number up to which all lanes are done: what outlives the poller of the shard."""
        checkpoint = min(lane.checkpoint for lane in self._lanes[shard_id])
        for record in self._records_after(shard_id, checkpoint):
            lane = self._lanes[shard_id][self._lane_of(record)]
            if record.sequence_number > lane.checkpoint:
                break
            checkpoint = record.sequence_number
        return checkpoint

    def start_anew(self) -> None:
        """Forget all but the checkpoints of the shards, as a new poller does."""
        self._lanes = {shard_id: self._lanes_from(shard_id, self.checkpoint(shard_id)) for shard_id in self._lanes}

    def _lanes_from(self, shard_id: str, checkpoint: int) -> Sequence[LaneProgress]:
        return tuple(LaneProgress(shard_id, lane, checkpoint) for lane in range(self._mapping.lanes))

    def _lane_of(self, record: Record) -> int:
        return crc32(record.partition_key.encode()) % self._mapping.lanes

    def _drained(self, shards: dict[str, ShardState], shard_id: str) -> bool:
        """Tell whether nothing of a shard is left to be read; one that the stream no longer knows has nothing."""
        if shard_id not in shards:
            return True
        lanes = self._lanes.get(shard_id)
        if shards[shard_id].is_open or lanes is None:
            return False
        return all(next(self.records(lane), None) is None for lane in lanes)

    def _records_after(self, shard_id: str, sequence_number: int) -> Iterator[Record]:
        stream, region = self._mapping.source_name, self._mapping.region
        oldest = self._clock.seconds() - retention_seconds(stream, region)
        following = records_after(stream, region, shard=shard_id, sequence_number=sequence_number)
        return (record for record in following if record.created_at >= oldest)
