"""A stream and a queue on moto, each with its event source and a function that answers as told. An item is a letter."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import boto3

from operations.local.clock import SimulatedClock
from operations.local.event_sources.kinesis import KinesisEventSource
from operations.local.event_sources.mapping import EventSourceMapping
from operations.local.event_sources.sqs import SqsEventSource
from operations.local.functions import FunctionError, ThrottledError
from operations.local.moto_engine.sources import set_arrival

START = datetime(2026, 2, 1, 12, tzinfo=UTC)
FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:ingest-usage"
STREAM_ARN = "arn:aws:kinesis:eu-central-1:123456789012:stream/usage-events"
QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:erp-postings"
BUCKET = "arn:aws:s3:::failed-batches"
DEAD_LETTERS = "arn:aws:sqs:eu-central-1:123456789012:dead-letters"
VISIBILITY_SECONDS = 60
MAX_RECEIVES = 3
MIDDLE = 2**127  # the hash key that halves all of them
LOWER, UPPER = "0", str(2**128 - 1)

Answer = Callable[[Mapping[str, str]], Any]  # the letters of a batch with their ids in, what a function returns out


def succeed(_ids: Mapping[str, str]) -> Any:
    return {"batchItemFailures": []}


def returns(answer: Any) -> Answer:
    return lambda _ids: answer


def fails(letters: str) -> Answer:
    """Report these letters, in this order."""

    def answer(ids: Mapping[str, str]) -> Any:
        return {"batchItemFailures": [{"itemIdentifier": ids[letter]} for letter in letters if letter in ids]}

    return answer


def crash(_ids: Mapping[str, str]) -> Any:
    raise FunctionError("MemoryError", "too much")


def crashes_on(letters: str) -> Answer:
    return lambda ids: crash(ids) if set(letters) & set(ids) else succeed(ids)


def throttle(_ids: Mapping[str, str]) -> Any:
    raise ThrottledError


def first(*answers: Answer, then: Answer = succeed) -> Answer:
    left = list(answers)

    def answer(ids: Mapping[str, str]) -> Any:
        return left.pop(0)(ids) if left else then(ids)

    return answer


class World:
    """`sees` notes the batches that the function gets, and the time that passes between them."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.clock = clock
        self.answer: Answer = succeed
        self.sees: list[str] = []

    def poll(self) -> bool:
        raise NotImplementedError

    def poll_to_the_end(self) -> None:
        for _ in range(100):
            if not self.poll():
                return
        raise AssertionError("the source never rests")

    def let_pass(self, seconds: int) -> None:
        self.sees.append(f"+{seconds}s")
        self.clock.advance_to(self.clock.now() + timedelta(seconds=seconds))
        self.poll_to_the_end()

    def _called(self, function: str, ids: Mapping[str, str]) -> Any:
        assert function == FUNCTION_ARN
        self.sees.append("".join(ids))
        return self.answer(ids)


class StreamWorld(World):
    def __init__(self, given: Mapping[str, Any], clock: SimulatedClock, seed: int = 0) -> None:
        super().__init__(clock)
        self.given_up: list[str] = []
        self.told: list[Any] = []
        self._letters: dict[str, str] = {}
        self._kinesis = boto3.client("kinesis")
        self._kinesis.create_stream(StreamName="usage-events", ShardCount=1)
        mapping: dict[str, Any] = {
            "mapping_id": "ingest",
            "function_arn": FUNCTION_ARN,
            "source_arn": STREAM_ARN,
            "batch_size": 100,
            "reports_item_failures": True,
            "retry_attempts": 2,
            "on_failure_arn": BUCKET,
        }
        self.source = KinesisEventSource(
            EventSourceMapping(**{**mapping, **given}),
            clock,
            self._invoke,
            self._put_object,
            self._send_message,
            Random(seed),
        )

    def poll(self) -> bool:
        return self.source.poll()

    def put(self, letters: str, *, key: str = "acme", hash_key: str = LOWER, age: int = 0, kilobytes: int = 0) -> None:
        """Put a record for each letter; `age` is how many seconds ago it arrived."""
        for letter in letters:
            where = self._kinesis.put_record(
                StreamName="usage-events",
                Data=letter + "." * kilobytes * 1000,
                PartitionKey=key,
                ExplicitHashKey=hash_key,
            )
            set_arrival(
                "usage-events",
                "eu-central-1",
                shard=where["ShardId"],
                sequence_number=where["SequenceNumber"],
                arrived_at=self.clock.now() - timedelta(seconds=age),
            )

    def split(self) -> None:
        (shard,) = self.open_shards()
        self._kinesis.split_shard(
            StreamName="usage-events", ShardToSplit=shard["ShardId"], NewStartingHashKey=str(MIDDLE)
        )

    def merge(self) -> None:
        one, other = (shard["ShardId"] for shard in self.open_shards())
        self._kinesis.merge_shards(StreamName="usage-events", ShardToMerge=one, AdjacentShardToMerge=other)

    def shards(self) -> Sequence[Any]:
        return self._kinesis.list_shards(StreamName="usage-events")["Shards"]

    def open_shards(self) -> Sequence[Any]:
        return [shard for shard in self.shards() if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]

    def _invoke(self, function: str, event: dict[str, Any]) -> Any:
        for record in event["Records"]:
            assert self._letters.setdefault(record["eventID"], _letter(record)) == _letter(record)
        return self._called(
            function, {_letter(record): record["kinesis"]["sequenceNumber"] for record in event["Records"]}
        )

    def _put_object(self, bucket: str, key: str, body: bytes) -> None:
        assert bucket == "failed-batches"
        self.told.append({"key": key} | json.loads(body))
        self.given_up.append("".join(_letter(record) for record in self.told[-1]["payload"]["Records"]))

    def _send_message(self, queue_arn: str, body: str) -> None:
        assert queue_arn == DEAD_LETTERS
        self.told.append(json.loads(body))


def _letter(record: Mapping[str, Any]) -> str:
    return base64.b64decode(record["kinesis"]["data"])[:1].decode()


class QueueWorld(World):
    """A queue with a visibility of 60 s, and a dead-letter queue for what was received three times."""

    def __init__(self, given: Mapping[str, Any], clock: SimulatedClock) -> None:
        super().__init__(clock)
        self.receives: list[int] = []
        self._sqs = boto3.client("sqs")
        self._dead = self._sqs.create_queue(QueueName="erp-postings-dead")["QueueUrl"]
        redrive = {"deadLetterTargetArn": f"{QUEUE_ARN}-dead", "maxReceiveCount": MAX_RECEIVES}
        self._queue = self._sqs.create_queue(
            QueueName="erp-postings",
            Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": json.dumps(redrive)},
        )["QueueUrl"]
        mapping: dict[str, Any] = {
            "mapping_id": "post",
            "function_arn": FUNCTION_ARN,
            "source_arn": QUEUE_ARN,
            "batch_size": 10,
            "reports_item_failures": True,
        }
        self.source = SqsEventSource(EventSourceMapping(**{**mapping, **given}), self._sqs, clock, self._invoke)

    def poll(self) -> bool:
        return self.source.poll()

    def put(self, letters: str, *, delay: int = 0, kilobytes: int = 0) -> None:
        for letter in letters:
            body = letter + "." * kilobytes * 1000
            self._sqs.send_message(QueueUrl=self._queue, MessageBody=body, DelaySeconds=delay)

    def receive_and_let_go(self) -> None:
        """Receive a message beside the event source, and make it visible at once."""
        (message,) = self._sqs.receive_message(QueueUrl=self._queue)["Messages"]
        self._sqs.change_message_visibility(
            QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )

    def redrive(self) -> None:
        """Move what is dead back to the queue."""
        for message in self._sqs.receive_message(QueueUrl=self._dead, MaxNumberOfMessages=10).get("Messages", []):
            self._sqs.send_message(QueueUrl=self._queue, MessageBody=message["Body"])
            self._sqs.delete_message(QueueUrl=self._dead, ReceiptHandle=message["ReceiptHandle"])

    def dead_letters(self) -> str:
        messages = self._sqs.receive_message(QueueUrl=self._dead, MaxNumberOfMessages=10).get("Messages", [])
        return "".join(message["Body"] for message in messages)

    def _invoke(self, function: str, event: dict[str, Any]) -> Any:
        self.receives.append(int(event["Records"][0]["attributes"]["ApproximateReceiveCount"]))
        return self._called(function, {record["body"][:1]: record["messageId"] for record in event["Records"]})
