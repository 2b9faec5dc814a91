"""The Kinesis event source: batches of one shard in order, a checkpoint, retries, and an object for what was given up.

Left out, and refused by no one yet: parallelization, resharding, filters, tumbling windows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from moto.kinesis.models import Record

from operations.local.clock import SimulatedClock
from operations.local.event_sources.batch_splitting import ShardProgress
from operations.local.event_sources.failed_batch import Condition, event_record, failed_batch, failed_batch_key
from operations.local.event_sources.mapping import EventSourceMapping, reported_items
from operations.local.functions import FunctionError
from operations.local.moto_engine.sources import records_after, shards_of

_BATCH_LIMIT_BYTES = 6 * 1024 * 1024

PutObject = Callable[[str, str, bytes], None]


@dataclass(frozen=True, slots=True)
class KinesisEventSource:
    """Reads from the trim horizon. `poll` tries each shard once and says whether anything moved.

    AWS documents no more than the outlines of three things; here they are so:

    * Attempts are counted per checkpoint. Without splitting, a partial failure that moves it is the first attempt of
      the rest, so that the item that fails is tried N + 1 times wherever it stands.
    * With splitting, a failure that splits costs no attempt, and each part has all of its retries. A response that
      names the first record splits nothing off: it is no failed invocation to halve, and does cost an attempt.
    * Records that are too old are given up when they are next in line, in one object for each run of them. A batch
      ends before a record that is too old and not yet next.
    """

    mapping: EventSourceMapping
    clock: SimulatedClock
    invoke: Callable[[str, Any], Any]
    put_object: PutObject
    _shards: list[ShardProgress] = field(init=False)

    def __post_init__(self) -> None:
        shards = [ShardProgress(shard_id) for shard_id in shards_of(self.mapping.source_name, self.mapping.region)]
        object.__setattr__(self, "_shards", shards)

    def poll(self) -> bool:
        moved = [self._poll(shard) for shard in self._shards]
        return any(moved)

    def _poll(self, shard: ShardProgress) -> bool:
        if not shard.may_try(self.clock.now()):
            return False
        batch = self._next_batch(shard)
        if not batch:
            return False
        if self._too_old(batch[0]):
            self._give_up(shard, list(takewhile(self._too_old, batch)), Condition.TOO_OLD)
        else:
            self._try(shard, list(takewhile(lambda record: not self._too_old(record), batch)))
        return True

    def _next_batch(self, shard: ShardProgress) -> list[Record]:
        records = records_after(
            self.mapping.source_name,
            self.mapping.region,
            shard=shard.shard_id,
            sequence_number=shard.checkpoint,
            limit=shard.limit(self.mapping.batch_size),
        )
        return _within_the_size_limit(records)

    def _too_old(self, record: Record) -> bool:
        limit = self.mapping.record_age_seconds
        return limit is not None and self.clock.seconds() - record.created_at > limit

    def _try(self, shard: ShardProgress, batch: Sequence[Record]) -> None:
        numbers = [str(record.sequence_number) for record in batch]
        event = {"Records": [event_record(self.mapping, shard.shard_id, record) for record in batch]}
        function_error: str | None = None
        failed: frozenset[str] | None = None
        try:
            answer = self.invoke(self.mapping.function_arn, event)
            failed = reported_items(answer, numbers, reports_item_failures=self.mapping.reports_item_failures)
        except FunctionError:
            function_error = "Unhandled"
        if failed is None:
            self._failed_as_a_whole(shard, batch, function_error)
        elif failed:
            lowest = min(int(number) for number in failed)
            self._failed_from(shard, batch, [record for record in batch if record.sequence_number >= lowest])
        else:
            shard.move(batch[-1].sequence_number)

    def _failed_as_a_whole(self, shard: ShardProgress, batch: Sequence[Record], function_error: str | None) -> None:
        if self.mapping.splits_failed_batches and len(batch) > 1:
            shard.split(_numbers(batch), self.clock.now())
        else:
            self._retry(shard, batch, function_error)

    def _failed_from(self, shard: ShardProgress, batch: Sequence[Record], rest: Sequence[Record]) -> None:
        if len(rest) < len(batch):
            if self.mapping.splits_failed_batches:
                shard.split_off(_numbers(rest), self.clock.now())
                return
            shard.move(rest[0].sequence_number - 1)
        self._retry(shard, rest, None)

    def _retry(self, shard: ShardProgress, batch: Sequence[Record], function_error: str | None) -> None:
        shard.retry(_numbers(batch), self.clock.now())
        if self.mapping.retry_attempts is not None and shard.attempts > self.mapping.retry_attempts:
            self._give_up(shard, batch, Condition.RETRIES_EXHAUSTED, function_error)

    def _give_up(
        self,
        shard: ShardProgress,
        batch: Sequence[Record],
        condition: Condition,
        function_error: str | None = None,
    ) -> None:
        if self.mapping.on_failure_bucket is not None:
            now = self.clock.now()
            body = failed_batch(
                self.mapping,
                shard.shard_id,
                batch,
                now=now,
                attempts=shard.attempts,
                condition=condition,
                function_error=function_error,
            )
            key = failed_batch_key(self.mapping, shard.shard_id, batch, now)
            self.put_object(self.mapping.on_failure_bucket, key, body)
        shard.move(batch[-1].sequence_number)


def _numbers(batch: Sequence[Record]) -> list[int]:
    return [record.sequence_number for record in batch]


def _within_the_size_limit(records: list[Record]) -> list[Record]:
    size = 0
    for index, record in enumerate(records):
        size += len(record.data)
        if size > _BATCH_LIMIT_BYTES and index:
            return records[:index]
    return records
