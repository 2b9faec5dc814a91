"""Looks into moto's queues and streams without an API call, so that an idle poll costs next to nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, takewhile
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kinesis.models import Record, Stream, kinesis_backends
from moto.sqs.models import sqs_backends


@dataclass(frozen=True, slots=True)
class ShardState:
    shard_id: str
    is_open: bool
    parents: tuple[str, ...]


def shards_of(stream: str, region: str) -> Iterator[ShardState]:
    for shard in _stream(stream, region).shards.values():
        parents = tuple(parent for parent in (shard.parent, shard.adjacent_parent) if parent is not None)
        yield ShardState(shard.shard_id, shard.is_open, parents)


def retention_seconds(stream: str, region: str) -> int:
    hours: int = _stream(stream, region).retention_period_hours
    return hours * 3600


def records_after(stream: str, region: str, *, shard: str, sequence_number: int) -> Iterator[Record]:
    """Read on in a shard. Moto numbers its records 1, 2, 3 ...: none has to be searched."""
    records = _stream(stream, region).shards[shard].records
    following = (records.get(number) for number in count(sequence_number + 1))
    return takewhile(lambda record: record is not None, following)  # type: ignore[arg-type]


def last_sequence_number(stream: str, region: str, *, shard: str) -> int:
    """Return that of a shard's last record, 0 when it has none."""
    return len(_stream(stream, region).shards[shard].records)


def set_arrival(stream: str, region: str, *, shard: str, sequence_number: str, arrived_at: datetime) -> None:
    record = _stream(stream, region).shards[shard].records[int(sequence_number)]
    record.created_at_datetime = arrived_at.astimezone(UTC).replace(tzinfo=None)
    record.created_at = arrived_at.timestamp()


def has_visible_messages(queue: str, region: str) -> bool:
    messages: list[Any] = sqs_backends[DEFAULT_ACCOUNT_ID][region].queues[queue]._messages  # noqa: SLF001
    return any(message.visible and not message.delayed for message in messages)


def _stream(stream: str, region: str) -> Stream:
    return kinesis_backends[DEFAULT_ACCOUNT_ID][region].streams[stream]
