"""The SQS event source mapping, rule by rule, on a moto queue in simulated time."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.local.clock import SimulatedClock
from operations.local.event_sources.mapping import EventSourceMapping
from operations.local.event_sources.sqs import SqsEventSource
from operations.local.functions import FunctionError
from operations.local.moto_engine.simulated_time import moto_on_simulated_time

START = datetime(2026, 2, 1, 12, tzinfo=UTC)
VISIBILITY = timedelta(seconds=60)
MAX_RECEIVES = 3
QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:erp-postings"

Answer = Callable[[dict[str, str]], Any]


@dataclass
class Harness:
    """A queue with its dead-letter queue, and a function that answers as told: bodies to message ids in, answer out."""

    answer: Answer = lambda _: None
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(START))
    batches: list[str] = field(default_factory=list)
    receive_counts: list[int] = field(default_factory=list)
    sqs: Any = field(default_factory=lambda: boto3.client("sqs"))

    def __post_init__(self) -> None:
        self.dead = self.sqs.create_queue(QueueName="erp-postings-dead")["QueueUrl"]
        redrive = {"deadLetterTargetArn": f"{QUEUE_ARN}-dead", "maxReceiveCount": MAX_RECEIVES}
        attributes = {"VisibilityTimeout": str(VISIBILITY.seconds), "RedrivePolicy": json.dumps(redrive)}
        self.queue = self.sqs.create_queue(QueueName="erp-postings", Attributes=attributes)["QueueUrl"]

    def send(self, letters: str) -> None:
        for letter in letters:
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=letter)

    def invoke(self, _function: str, event: dict[str, Any]) -> Any:
        self.batches.append("".join(record["body"] for record in event["Records"]))
        self.receive_counts.append(int(event["Records"][0]["attributes"]["ApproximateReceiveCount"]))
        return self.answer({record["body"]: record["messageId"] for record in event["Records"]})

    def poll(self, *, after: timedelta = timedelta(), **given: Any) -> None:
        self.clock.advance_to(self.clock.now() + after)
        mapping: dict[str, Any] = {
            "mapping_id": "post",
            "function_arn": "function",
            "source_arn": QUEUE_ARN,
            "batch_size": 10,
            "reports_item_failures": True,
        }
        source = SqsEventSource(EventSourceMapping(**mapping | given), self.sqs, self.invoke)
        while source.poll():
            assert len(self.batches) < 50, "the source never rests"

    def dead_letters(self) -> str:
        received = self.sqs.receive_message(QueueUrl=self.dead, MaxNumberOfMessages=10).get("Messages", [])
        return "".join(message["Body"] for message in received)


@pytest.fixture
def queue() -> Iterator[Harness]:
    with mock_aws():
        harness = Harness()
        with moto_on_simulated_time(harness.clock):
            yield harness


def failing(*letters: str) -> Answer:
    def answer(ids: dict[str, str]) -> Any:
        return {"batchItemFailures": [{"itemIdentifier": ids[letter]} for letter in letters if letter in ids]}

    return answer


def fail_elsewhere(_ids: dict[str, str]) -> Any:
    return {"batchItemFailures": [{"itemIdentifier": "x"}]}


def crash(_ids: dict[str, str]) -> Any:
    raise FunctionError("MemoryError", "too much")


@pytest.mark.parametrize(
    ("rule", "answer", "given", "batches"),
    [
        ("success deletes the batch", failing(), {}, ["abc"]),
        ("an empty answer deletes the batch", lambda _: {}, {}, ["abc"]),
        ("only what is reported comes again", failing("b"), {}, ["abc", "b"]),
        ("an exception brings the whole batch again", crash, {}, ["abc", "abc"]),
        ("a wrong identifier brings the whole batch again", fail_elsewhere, {}, ["abc", "abc"]),
        ("a report is not heard where it is not asked for", failing("b"), {"reports_item_failures": False}, ["abc"]),
        ("a batch has at most the batch size", failing(), {"batch_size": 2}, ["ab", "c"]),
    ],
)  # fmt: skip
def test_batches_before_and_after_the_visibility_time_out(
    queue: Harness, rule: str, answer: Answer, given: dict[str, Any], batches: list[str]
) -> None:
    queue.answer = answer
    queue.send("abc")

    queue.poll(**given)
    queue.poll(after=VISIBILITY, **given)

    assert queue.batches == batches, rule


def test_a_batch_may_be_larger_than_one_receive(queue: Harness) -> None:
    queue.send("abcdefghijklmno")

    queue.poll(batch_size=12)

    assert [len(batch) for batch in queue.batches] == [12, 3]


def test_a_failed_message_is_invisible_until_its_time_out_is_over(queue: Harness) -> None:
    queue.answer = crash
    queue.send("a")
    queue.poll()

    queue.poll(after=VISIBILITY - timedelta(seconds=1))
    assert queue.batches == ["a"]

    queue.poll(after=timedelta(seconds=1))
    assert queue.batches == ["a", "a"]


def test_every_receive_counts(queue: Harness) -> None:
    queue.answer = crash
    queue.send("a")

    queue.poll()
    queue.poll(after=VISIBILITY)

    assert queue.receive_counts == [1, 2]


def test_a_message_moves_to_the_dead_letter_queue_at_the_receive_after_the_last_allowed(queue: Harness) -> None:
    queue.answer = crash
    queue.send("a")
    for _ in range(MAX_RECEIVES):
        queue.poll(after=VISIBILITY)
    assert queue.dead_letters() == ""

    queue.poll(after=VISIBILITY)

    assert queue.batches == ["a"] * MAX_RECEIVES
    assert queue.dead_letters() == "a"


def test_innocent_mates_of_a_crashing_message_climb_with_it(queue: Harness) -> None:
    queue.answer = crash
    queue.send("ab")
    for _ in range(MAX_RECEIVES + 1):
        queue.poll(after=VISIBILITY)

    assert queue.dead_letters() == "ab"


def test_a_message_made_visible_by_the_function_comes_again_at_once(queue: Harness) -> None:
    queue.send("a")
    received = queue.sqs.receive_message(QueueUrl=queue.queue)["Messages"][0]

    queue.sqs.change_message_visibility(
        QueueUrl=queue.queue, ReceiptHandle=received["ReceiptHandle"], VisibilityTimeout=0
    )
    queue.poll()

    assert queue.receive_counts == [2]


def test_a_delayed_message_comes_when_its_delay_is_over(queue: Harness) -> None:
    queue.sqs.send_message(QueueUrl=queue.queue, MessageBody="a", DelaySeconds=30)
    queue.poll(after=timedelta(seconds=29))
    assert queue.batches == []

    queue.poll(after=timedelta(seconds=1))

    assert queue.batches == ["a"]
