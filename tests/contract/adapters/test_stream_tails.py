"""What lies beyond a checkpoint is seen on every shard, open or closed."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from moto import mock_aws

from shared.adapters.kinesis.stream_tails import KinesisStreamTails
from shared.domain.metering.watermark import Checkpoint
from shared.runtime import aws

ARRIVED_AT = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture
def stream() -> Iterator[str]:
    with mock_aws():
        aws.kinesis().create_stream(StreamName="usage", ShardCount=2)
        yield "usage"


def put(stream: str, count: int, *, hash_key: str = "0") -> list[tuple[str, str]]:
    """Put records on the shard that owns a hash key; return shard and sequence number of each."""
    answers = [
        aws.kinesis().put_record(StreamName=stream, Data=b"[]", PartitionKey="acme", ExplicitHashKey=hash_key)
        for _ in range(count)
    ]
    return [(answer["ShardId"], answer["SequenceNumber"]) for answer in answers]


def drained(stream: str, read: Mapping[str, str]) -> list[bool]:
    checkpoints = {shard: Checkpoint(sequence, ARRIVED_AT) for shard, sequence in read.items()}
    return [position.drained for position in KinesisStreamTails(aws.kinesis()).positions(stream, checkpoints)]


def test_an_empty_stream_is_drained(stream: str) -> None:
    assert drained(stream, {}) == [True, True]


def test_a_shard_that_nobody_read_is_not_drained(stream: str) -> None:
    put(stream, 1)

    assert sorted(drained(stream, {})) == [False, True]


def test_a_shard_is_drained_once_its_last_record_is_read(stream: str) -> None:
    (shard, first), (_, last) = put(stream, 2)

    assert sorted(drained(stream, {shard: first})) == [False, True]
    assert drained(stream, {shard: last}) == [True, True]


def test_a_closed_shard_counts_until_it_is_read(stream: str) -> None:
    [(shard, _)] = put(stream, 1)
    aws.kinesis().split_shard(StreamName=stream, ShardToSplit=shard, NewStartingHashKey="1000")

    assert False in drained(stream, {})


class ManyShards:
    """Kinesis with a stream of empty shards, one a page. A page is asked for by its token alone, as AWS insists."""

    def list_shards(self, *, StreamName: str | None = None, NextToken: str | None = None) -> dict[str, Any]:  # noqa: N803
        if StreamName and NextToken:
            raise ValueError("NextToken and StreamName cannot be provided together.")
        number = int(NextToken or 0)
        page = {"Shards": [{"ShardId": f"shardId-{number:012d}"}]}
        return page if number == 2 else {**page, "NextToken": str(number + 1)}

    def get_shard_iterator(self, **_request: str) -> dict[str, str]:
        return {"ShardIterator": "tip"}

    def get_records(self, **_request: object) -> dict[str, Any]:
        return {"Records": [], "MillisBehindLatest": 0, "NextShardIterator": "tip"}


def test_shards_on_further_pages_are_looked_at() -> None:
    kinesis: Any = ManyShards()

    assert len(KinesisStreamTails(kinesis).positions("usage", {})) == 3


class IdleShards:
    """Shards whose tip is `answers` empty answers ahead, but for the second one: there a record lies at the tip."""

    def __init__(self, answers: int) -> None:
        self._answers = answers

    def list_shards(self, **_request: str) -> dict[str, Any]:
        return {"Shards": [{"ShardId": f"shardId-{number:012d}"} for number in range(3)]}

    def get_shard_iterator(self, *, ShardId: str, **_request: str) -> dict[str, str]:  # noqa: N803
        return {"ShardIterator": f"{ShardId} {self._answers}"}

    def get_records(self, *, ShardIterator: str, **_request: object) -> dict[str, Any]:  # noqa: N803
        shard_id, _, ahead = ShardIterator.partition(" ")
        if int(ahead):
            following = f"{shard_id} {int(ahead) - 1}"
            return {"Records": [], "MillisBehindLatest": 1000 * int(ahead), "NextShardIterator": following}
        records = [{"Data": b"[]"}] if shard_id.endswith("1") else []
        return {"Records": records, "MillisBehindLatest": 0, "NextShardIterator": ShardIterator}


def idle(answers: int) -> tuple[list[bool], float]:
    """Return which shards are drained, and how long looking was paused."""
    kinesis: Any = IdleShards(answers)
    pauses: list[float] = []
    positions = KinesisStreamTails(kinesis, pause=pauses.append).positions("usage", {})
    return [position.drained for position in positions], sum(pauses)


def test_an_idle_shard_is_followed_to_its_tip_slowly_enough_for_its_consumers() -> None:
    found, paused = idle(answers=250)

    assert found == [True, False, True]
    assert 60 < paused < 120


def test_a_shard_whose_tip_is_not_reached_is_not_drained() -> None:
    found, paused = idle(answers=10_000)

    assert found == [False, False, False]
    assert paused < 150
