"""The Kinesis event source: batches of one shard in order, a checkpoint, retries, and a word of what was given up.

What it does and does not do, rule by rule: docs/reference/event-sources.md.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice, takewhile
from random import Random
from typing import Any

from moto.kinesis.models import Record

from operations.local.clock import SimulatedClock
from operations.local.event_sources.failed_batch import Condition, event_record, failed_batch, failed_batch_key
from operations.local.event_sources.lane_progress import LaneProgress
from operations.local.event_sources.mapping import EventSourceMapping, reported_items
from operations.local.event_sources.shards import StreamShards
from operations.local.functions import FunctionError, ThrottledError
from operations.local.moto_engine.sources import last_sequence_number

_BATCH_LIMIT_BYTES = 6 * 1024 * 1024

PutObject = Callable[[str, str, bytes], None]  # bucket, key, body
SendMessage = Callable[[str, str], None]  # queue ARN, body


@dataclass(frozen=True, slots=True)
class KinesisEventSource:
    """Reads from the trim horizon. `poll` tries each lane of each shard once and says whether anything moved.

    AWS documents no more than the outlines of four things; here they are so:

    * Attempts are counted per checkpoint. Without splitting, a partial failure that moves it is the first attempt of
      the rest, so that the item that fails is tried N + 1 times wherever it stands.
    * With splitting, a failure that splits costs no attempt, and each part has all of its retries. A response that
      names the first record splits nothing off: it is no failed invocation to halve, and does cost an attempt.
    * Records that are too old are given up when they are next in line, in one word for each run of them. A batch ends
      before a record that is too old and not yet next.
    * Lanes do not wait for each other, however far one falls behind. `order` says which of a shard's goes first.
    """

    mapping: EventSourceMapping
    clock: SimulatedClock
    invoke: Callable[[str, Any], Any]
    put_object: PutObject
    send_message: SendMessage
    order: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - the same order in every run
    shards: StreamShards = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shards", StreamShards(self.mapping, self.clock))

    def poll(self) -> bool:
        moved = [self._poll(lane) for lanes in self.shards.readable() for lane in self._in_some_order(lanes)]
        return any(moved)

    def _in_some_order(self, lanes: Sequence[LaneProgress]) -> Sequence[LaneProgress]:
        return lanes if len(lanes) == 1 else self.order.sample(lanes, len(lanes))

    def _poll(self, lane: LaneProgress) -> bool:
        if not lane.may_try(self.clock.now()):
            return False
        batch, is_full = _batch_of(self.shards.records(lane), self.mapping.batch_size)
        if not batch:
            return self._pass_over(lane)
        if not (is_full or lane.end() is not None or self._window_is_over(lane)):
            return False
        if self._too_old(batch[0]):
            self._give_up(lane, list(takewhile(self._too_old, batch)), Condition.TOO_OLD)
        else:
            self._try(lane, list(takewhile(lambda record: not self._too_old(record), batch)))
        return True

    def _pass_over(self, lane: LaneProgress) -> bool:
        """Leave behind what is not this lane's, or has expired while it was retried."""
        end = lane.end()
        name, region = self.mapping.source_name, self.mapping.region
        lane.move(last_sequence_number(name, region, shard=lane.shard_id) if end is None else end)
        return end is not None

    def _window_is_over(self, lane: LaneProgress) -> bool:
        if lane.waiting_since is None:
            lane.waiting_since = self.clock.now()
        return self.clock.now() - lane.waiting_since >= timedelta(seconds=self.mapping.window_seconds)

    def _too_old(self, record: Record) -> bool:
        limit = self.mapping.record_age_seconds
        return limit is not None and self.clock.seconds() - record.created_at > limit

    def _try(self, lane: LaneProgress, batch: Sequence[Record]) -> None:
        numbers = [str(record.sequence_number) for record in batch]
        event = {"Records": [event_record(self.mapping, lane.shard_id, record) for record in batch]}
        function_error: str | None = None
        failed: frozenset[str] | None = None
        try:
            answer = self.invoke(self.mapping.function_arn, event)
            failed = reported_items(answer, numbers, reports_item_failures=self.mapping.reports_item_failures)
        except ThrottledError:
            lane.not_taken(_numbers(batch), self.clock.now())
            return
        except FunctionError:
            function_error = "Unhandled"
        if failed is None:
            self._failed_as_a_whole(lane, batch, function_error)
        elif failed:
            lowest = min(int(number) for number in failed)
            self._failed_from(lane, batch, [record for record in batch if record.sequence_number >= lowest])
        else:
            lane.move(batch[-1].sequence_number)

    def _failed_as_a_whole(self, lane: LaneProgress, batch: Sequence[Record], function_error: str | None) -> None:
        if self.mapping.splits_failed_batches and len(batch) > 1:
            lane.split(_numbers(batch), self.clock.now())
        else:
            self._retry(lane, batch, function_error)

    def _failed_from(self, lane: LaneProgress, batch: Sequence[Record], rest: Sequence[Record]) -> None:
        if len(rest) < len(batch):
            if self.mapping.splits_failed_batches:
                lane.split_off(_numbers(rest), self.clock.now())
                return
            lane.move(rest[0].sequence_number - 1)
        self._retry(lane, rest, None)

    def _retry(self, lane: LaneProgress, batch: Sequence[Record], function_error: str | None) -> None:
        lane.retry(_numbers(batch), self.clock.now())
        if self.mapping.retry_attempts is not None and lane.attempts > self.mapping.retry_attempts:
            self._give_up(lane, batch, Condition.RETRIES_EXHAUSTED, function_error)

    def _give_up(
        self,
        lane: LaneProgress,
        batch: Sequence[Record],
        condition: Condition,
        function_error: str | None = None,
    ) -> None:
        if self.mapping.on_failure_arn is not None:
            now = self.clock.now()
            is_bucket = self.mapping.on_failure_arn.startswith("arn:aws:s3:")
            body = failed_batch(
                self.mapping,
                lane.shard_id,
                batch,
                now=now,
                attempts=lane.attempts,
                condition=condition,
                function_error=function_error,
                with_records=is_bucket,
            )
            if is_bucket:
                key = failed_batch_key(self.mapping, lane.shard_id, batch, now)
                self.put_object(self.mapping.on_failure_arn.rpartition(":")[2], key, body.encode())
            else:
                self.send_message(self.mapping.on_failure_arn, body)
        lane.move(batch[-1].sequence_number)


def _numbers(batch: Sequence[Record]) -> list[int]:
    return [record.sequence_number for record in batch]


def _batch_of(records: Iterator[Record], most: int) -> tuple[list[Record], bool]:
    """Take a batch, and tell whether it is full: by number, or because the next record would make it too large."""
    batch: list[Record] = []
    size = 0
    for record in islice(records, most):
        size += len(record.data)
        if size > _BATCH_LIMIT_BYTES and batch:
            return batch, True
        batch.append(record)
    return batch, len(batch) == most
