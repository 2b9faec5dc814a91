"""What lies on a Kinesis stream beyond given checkpoints (port StreamTails)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from shared.domain.metering.watermark import Checkpoint, ShardPosition

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

# GetRecords may answer with nothing although records lie ahead; a shard that keeps doing so counts as not drained.
_MAX_LOOKS = 10


class KinesisStreamTails:
    """Looks at every shard within retention, closed ones included: their records are still to be read."""

    def __init__(self, client: "KinesisClient") -> None:
        self._client = client

    def positions(self, stream: str, checkpoints: Mapping[str, Checkpoint]) -> Sequence[ShardPosition]:
        return [
            ShardPosition(checkpoints.get(shard_id), self._drained(stream, shard_id, checkpoints.get(shard_id)))
            for shard_id in self._shard_ids(stream)
        ]

    def _shard_ids(self, stream: str) -> Iterator[str]:
        # By hand: the client's paginator repeats the name beside the token, which Kinesis refuses.
        page = self._client.list_shards(StreamName=stream)
        while True:
            for shard in page["Shards"]:
                yield shard["ShardId"]
            if "NextToken" not in page:
                return
            page = self._client.list_shards(NextToken=page["NextToken"])

    def _drained(self, stream: str, shard_id: str, checkpoint: Checkpoint | None) -> bool:
        iterator: str | None = self._iterator(stream, shard_id, checkpoint)
        for _ in range(_MAX_LOOKS):
            if iterator is None:
                return True  # a closed shard, read to its end
            answer = self._client.get_records(ShardIterator=iterator, Limit=1)
            if answer["Records"]:
                return False
            if not answer["MillisBehindLatest"]:
                return True
            iterator = answer.get("NextShardIterator")
        return False

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
