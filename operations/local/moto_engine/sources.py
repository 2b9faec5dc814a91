"""Looks into moto's queues and streams without an API call, so that an idle poll costs next to nothing."""

from datetime import UTC, datetime
from itertools import count, islice, takewhile
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kinesis.models import Record, kinesis_backends
from moto.sqs.models import sqs_backends


def shards_of(stream: str, region: str) -> tuple[str, ...]:
    return tuple(kinesis_backends[DEFAULT_ACCOUNT_ID][region].streams[stream].shards)


def records_after(stream: str, region: str, *, shard: str, sequence_number: int, limit: int) -> list[Record]:
    """Read the next records of a shard. Moto numbers them 1, 2, 3 ... in each shard: none has to be searched."""
    records = kinesis_backends[DEFAULT_ACCOUNT_ID][region].streams[stream].shards[shard].records
    following = (records.get(number) for number in count(sequence_number + 1))
    return list(islice(takewhile(lambda record: record is not None, following), limit))  # type: ignore[arg-type]


def set_arrival(stream: str, region: str, *, shard: str, sequence_number: str, arrived_at: datetime) -> None:
    record = kinesis_backends[DEFAULT_ACCOUNT_ID][region].streams[stream].shards[shard].records[int(sequence_number)]
    record.created_at_datetime = arrived_at.astimezone(UTC).replace(tzinfo=None)
    record.created_at = arrived_at.timestamp()


def has_visible_messages(queue: str, region: str) -> bool:
    messages: list[Any] = sqs_backends[DEFAULT_ACCOUNT_ID][region].queues[queue]._messages  # noqa: SLF001
    return any(message.visible and not message.delayed for message in messages)
