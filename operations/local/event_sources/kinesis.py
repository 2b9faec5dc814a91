"""The Kinesis event source: batches of one shard in order, a checkpoint, retries, and an object for what was given up.

Left out, and refused by no one yet: splitting failed batches, record age, parallelization, resharding, filters.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from moto.kinesis.models import Record

from operations.local.clock import SimulatedClock
from operations.local.event_sources.mapping import EventSourceMapping, failed_items
from operations.local.functions import FunctionError
from operations.local.moto_engine.sources import records_after, shards_of

_BATCH_LIMIT_BYTES = 6 * 1024 * 1024
# Lambda backs off between attempts. Here a failing batch is tried this often before the clock has to move.
ATTEMPTS_AT_ONE_INSTANT = 3

PutObject = Callable[[str, str, bytes], None]


@dataclass(slots=True)
class _Shard:
    shard_id: str
    checkpoint: int = 0
    retried_through: int | None = None  # the last record of a batch that has failed; the same batch is tried again
    attempts: int = 0
    attempts_now: int = 0
    tried_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KinesisEventSource:
    """Reads from the trim horizon. `poll` tries each shard once and says whether a function was invoked.

    Attempts are counted per checkpoint: a partial failure that moves it is the first attempt of the rest, so that the
    item that fails is tried N + 1 times wherever it stands. AWS documents neither this nor the opposite.
    """

    mapping: EventSourceMapping
    clock: SimulatedClock
    invoke: Callable[[str, Any], Any]
    put_object: PutObject
    _shards: list[_Shard] = field(init=False)

    def __post_init__(self) -> None:
        shards = [_Shard(shard_id) for shard_id in shards_of(self.mapping.source_name, self.mapping.region)]
        object.__setattr__(self, "_shards", shards)

    def poll(self) -> bool:
        tried = [self._poll(shard) for shard in self._shards]
        return any(tried)

    def _poll(self, shard: _Shard) -> bool:
        if shard.tried_at != self.clock.now():
            shard.attempts_now = 0
        if shard.attempts_now >= ATTEMPTS_AT_ONE_INSTANT:
            return False
        batch = self._next_batch(shard)
        if not batch:
            return False
        shard.tried_at = self.clock.now()
        self._try(shard, batch)
        return True

    def _next_batch(self, shard: _Shard) -> list[Record]:
        limit = self.mapping.batch_size
        if shard.retried_through is not None:
            limit = shard.retried_through - shard.checkpoint
        records = records_after(
            self.mapping.source_name,
            self.mapping.region,
            shard=shard.shard_id,
            sequence_number=shard.checkpoint,
            limit=limit,
        )
        return _within_the_size_limit(records)

    def _try(self, shard: _Shard, batch: Sequence[Record]) -> None:
        error: FunctionError | None = None
        numbers = [str(record.sequence_number) for record in batch]
        event = {"Records": [self._event_record(shard, record) for record in batch]}
        try:
            answer = self.invoke(self.mapping.function_arn, event)
            failed = failed_items(answer, numbers, reports_item_failures=self.mapping.reports_item_failures)
        except FunctionError as raised:
            error, failed = raised, frozenset(numbers)
        if not failed:
            _move(shard, batch[-1].sequence_number)
            return
        lowest = min(int(number) for number in failed)
        if lowest - 1 > shard.checkpoint:
            _move(shard, lowest - 1)
        shard.retried_through = batch[-1].sequence_number
        shard.attempts += 1
        shard.attempts_now += 1
        if self.mapping.retry_attempts is not None and shard.attempts > self.mapping.retry_attempts:
            self._give_up(shard, [record for record in batch if record.sequence_number >= lowest], error)

    def _give_up(self, shard: _Shard, batch: Sequence[Record], error: FunctionError | None) -> None:
        if self.mapping.on_failure_bucket is not None:
            body = self._failed_batch(shard, batch, error)
            self.put_object(
                self.mapping.on_failure_bucket, self._failed_batch_key(shard, batch), json.dumps(body).encode()
            )
        _move(shard, batch[-1].sequence_number)

    def _failed_batch_key(self, shard: _Shard, batch: Sequence[Record]) -> str:
        now = self.clock.now()
        unique = uuid5(NAMESPACE_OID, f"{self.mapping.mapping_id}/{shard.shard_id}/{batch[0].sequence_number}")
        path = f"aws/lambda/{self.mapping.mapping_id}/{shard.shard_id}/{now:%Y/%m/%d}"
        return f"{path}/{now:%Y-%m-%dT%H.%M.%S}-{unique}"

    def _failed_batch(self, shard: _Shard, batch: Sequence[Record], error: FunctionError | None) -> dict[str, Any]:
        first, last = batch[0], batch[-1]
        return {
            "requestContext": {
                "requestId": str(uuid5(NAMESPACE_OID, self._failed_batch_key(shard, batch))),
                "functionArn": self.mapping.function_arn,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": shard.attempts,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": None if error is None else "Unhandled",
            },
            "version": "1.0",
            "timestamp": _timestamp(self.clock.now()),
            "KinesisBatchInfo": {
                "shardId": shard.shard_id,
                "startSequenceNumber": str(first.sequence_number),
                "endSequenceNumber": str(last.sequence_number),
                "approximateArrivalOfFirstRecord": _timestamp(datetime.fromtimestamp(first.created_at, UTC)),
                "approximateArrivalOfLastRecord": _timestamp(datetime.fromtimestamp(last.created_at, UTC)),
                "batchSize": len(batch),
                "streamArn": self.mapping.source_arn,
            },
            "payload": {"Records": [self._event_record(shard, record) for record in batch]},
        }

    def _event_record(self, shard: _Shard, record: Record) -> dict[str, Any]:
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record.partition_key,
                "sequenceNumber": str(record.sequence_number),
                "data": record.data,
                "approximateArrivalTimestamp": record.created_at,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard.shard_id}:{record.sequence_number}",
            "eventName": "aws:kinesis:record",
            "awsRegion": self.mapping.region,
            "eventSourceARN": self.mapping.source_arn,
        }


def _move(shard: _Shard, checkpoint: int) -> None:
    shard.checkpoint = checkpoint
    shard.retried_through = None
    shard.attempts = shard.attempts_now = 0


def _within_the_size_limit(records: list[Record]) -> list[Record]:
    size = 0
    for index, record in enumerate(records):
        size += len(record.data)
        if size > _BATCH_LIMIT_BYTES and index:
            return records[:index]
    return records


def _timestamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
