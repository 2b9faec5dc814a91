"""A Kinesis event source on moto, with a function that answers as told. A record is a letter, numbered from 1."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from operations.local.clock import SimulatedClock
from operations.local.event_sources.kinesis import KinesisEventSource
from operations.local.event_sources.mapping import EventSourceMapping
from operations.local.functions import FunctionError

START = datetime(2026, 2, 1, 12, tzinfo=UTC)
STREAM_ARN = "arn:aws:kinesis:eu-central-1:123456789012:stream/usage-events"
FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:ingest-usage"

Answer = Callable[[Sequence[str]], Any]


@dataclass
class Harness:
    """A function that answers as told, and what it and the failure bucket saw."""

    answer: Answer
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(START))
    batches: list[str] = field(default_factory=list)
    objects: dict[str, Any] = field(default_factory=dict)

    @property
    def given_up(self) -> list[str]:
        """The letters of each object, in order."""
        return [_letters(body["payload"]["Records"]) for body in self.objects.values()]

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        assert name == FUNCTION_ARN
        self.batches.append(_letters(event["Records"]))
        return self.answer([record["kinesis"]["sequenceNumber"] for record in event["Records"]])

    def put_object(self, bucket: str, key: str, body: bytes) -> None:
        assert bucket == "failed-batches"
        self.objects[key] = json.loads(body)

    def source(self, **given: Any) -> KinesisEventSource:
        mapping: dict[str, Any] = {
            "mapping_id": "ingest",
            "function_arn": FUNCTION_ARN,
            "source_arn": STREAM_ARN,
            "batch_size": 100,
            "reports_item_failures": True,
            "retry_attempts": 2,
            "on_failure_bucket": "failed-batches",
        }
        return KinesisEventSource(EventSourceMapping(**mapping | given), self.clock, self.invoke, self.put_object)

    def poll_to_the_end(self, source: KinesisEventSource) -> None:
        for _ in range(50):
            if not source.poll():
                return
        raise AssertionError("the source never rests")

    def let_pass(self, source: KinesisEventSource, seconds: int, times: int = 1) -> None:
        """Let time pass in steps, and poll to the end after each of them."""
        for _ in range(times):
            self.clock.advance_to(self.clock.now() + timedelta(seconds=seconds))
            self.poll_to_the_end(source)


def _letters(records: Sequence[dict[str, Any]]) -> str:
    return "".join(base64.b64decode(each["kinesis"]["data"]).decode() for each in records)


def succeed(_numbers: Sequence[str]) -> Any:
    return {"batchItemFailures": []}


def fail_at(*failing: str) -> Answer:
    def answer(numbers: Sequence[str]) -> Any:
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failing if each in numbers]}

    return answer


def crash(_numbers: Sequence[str]) -> Any:
    raise FunctionError("MemoryError", "too much")


def crash_on(*failing: str) -> Answer:
    def answer(numbers: Sequence[str]) -> Any:
        return crash(numbers) if set(failing) & set(numbers) else succeed(numbers)

    return answer


def fail_elsewhere(_numbers: Sequence[str]) -> Any:
    return {"batchItemFailures": [{"itemIdentifier": "9"}]}


def once(answer: Answer) -> Answer:
    calls: list[int] = []

    def first_then_succeed(numbers: Sequence[str]) -> Any:
        calls.append(1)
        return answer(numbers) if len(calls) == 1 else succeed(numbers)

    return first_then_succeed
