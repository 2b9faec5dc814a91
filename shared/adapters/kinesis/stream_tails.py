"""What lies on a Kinesis stream beyond given checkpoints (port StreamTails)."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from shared.domain.metering.watermark import Checkpoint, ShardPosition

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

# GetRecords answers with nothing and moves on a little while no record lies ahead: an idle shard has been seen to take
# some 250 answers to its tip. One that takes more counts as not drained.
_MAX_LOOKS = 400
_PAUSE_SECONDS = 0.3  # a shard is read five times a second at most, and its consumers read it, too


class KinesisStreamTails:
    """Looks at every shard within retention, closed ones included: their records are still to be read."""

    def __init__(self, client: "KinesisClient", *, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._pause = pause

    def positions(self, stream: str, checkpoints: Mapping[str, Checkpoint]) -> Sequence[ShardPosition]:
        ahead: dict[str, str | None] = {
            shard_id: self._iterator(stream, shard_id, checkpoints.get(shard_id))
            for shard_id in self._shard_ids(stream)
        }
        drained = dict.fromkeys(ahead, False)
        for look in range(_MAX_LOOKS):
            if not ahead:
                break
            if look:
                self._pause(_PAUSE_SECONDS)
            ahead = self._look(ahead, drained)
        return [ShardPosition(checkpoints.get(shard_id), is_drained) for shard_id, is_drained in drained.items()]

    def _look(self, ahead: Mapping[str, str | None], drained: dict[str, bool]) -> dict[str, str | None]:
        """Look once at each shard that nothing is known of yet, all in turn; return where to look on."""
        undecided: dict[str, str | None] = {}
        for shard_id, iterator in ahead.items():
            if iterator is None:
                drained[shard_id] = True  # a closed shard, read to its end
                continue
            answer = self._client.get_records(ShardIterator=iterator, Limit=1)
            if not answer["Records"] and answer["MillisBehindLatest"]:
                undecided[shard_id] = answer.get("NextShardIterator")
            else:
                drained[shard_id] = not answer["Records"]
        return undecided

    def _shard_ids(self, stream: str) -> Iterator[str]:
        # By hand: the client's paginator repeats the name beside the token, which Kinesis refuses.
        page = self._client.list_shards(StreamName=stream)
        while True:
            for shard in page["Shards"]:
                yield shard["ShardId"]
            if "NextToken" not in page:
                return
            page = self._client.list_shards(NextToken=page["NextToken"])

    def _iterator(self, stream: str, shard_id: str, checkpoint: Checkpoint | None) -> str:
        if checkpoint is None:
            answer = self._client.get_shard_iterator(
                StreamName=stream, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
            )
        else:
            answer = self._client.get_shard_iterator(
                StreamName=stream,
                ShardId=shard_id,
                ShardIteratorType="AFTER_SEQUENCE_NUMBER",
                StartingSequenceNumber=checkpoint.sequence_number,
            )
        return answer["ShardIterator"]
