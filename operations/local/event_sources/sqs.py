"""The SQS event source: batches of visible messages. What fails comes again when its visibility time-out is over.

Visibility, receive counts and the move to the dead-letter queue, at the receive that would be one too many, are moto's
own on simulated time: what lies in a dead-letter queue is there for every SDK call.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from operations.local.clock import SimulatedClock
from operations.local.event_sources.mapping import EventSourceMapping, failed_items
from operations.local.functions import FunctionError, ThrottledError
from operations.local.moto_engine.sources import has_visible_messages

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_API_BATCH = 10
_BATCH_LIMIT_BYTES = 6 * 1024 * 1024


@dataclass(slots=True)
class SqsEventSource:
    """`poll` takes what is visible up to one batch, and says whether something moved.

    A batch that is not full waits for its window with its messages received: their visibility runs.
    """

    mapping: EventSourceMapping
    sqs: "SQSClient"
    clock: SimulatedClock
    invoke: Callable[[str, Any], Any]
    _held: list[dict[str, Any]] = field(default_factory=list)
    _held_since: datetime | None = None

    def poll(self) -> bool:
        """Receive, and try what has become a batch."""
        if not self._held and not has_visible_messages(self.mapping.source_name, self.mapping.region):
            return False
        url = self.sqs.get_queue_url(QueueName=self.mapping.source_name)["QueueUrl"]
        has_received = self._receive(url)
        batch = self._take_batch()
        if batch:
            self._delete(url, self._processed(batch))
        return has_received or bool(batch)

    def _receive(self, url: str) -> bool:
        """Receive up to a batch; tell whether the receive found, or moved to the dead-letter queue, anything."""
        has_moved = has_visible_messages(self.mapping.source_name, self.mapping.region)
        while len(self._held) < self.mapping.batch_size:
            received: Any = self.sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(_API_BATCH, self.mapping.batch_size - len(self._held)),
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not received:
                break
            self._held.extend(received)
        return has_moved

    def _take_batch(self) -> list[dict[str, Any]]:
        """Return what is to be tried now: a full batch, or what has waited for its window."""
        if not self._held:
            return []
        self._held_since = self._held_since or self.clock.now()
        fitting = self._fitting()
        is_full = fitting < len(self._held) or fitting == self.mapping.batch_size
        if not is_full and self.clock.now() - self._held_since < timedelta(seconds=self.mapping.window_seconds):
            return []
        batch, self._held = self._held[:fitting], self._held[fitting:]
        self._held_since = None
        return batch

    def _fitting(self) -> int:
        """Count the messages held that one event can carry."""
        size = 0
        for index, message in enumerate(self._held):
            size += len(message["Body"].encode())
            if size > _BATCH_LIMIT_BYTES and index:
                return index
        return len(self._held)

    def _processed(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        event = {"Records": [self._event_record(message) for message in messages]}
        try:
            answer = self.invoke(self.mapping.function_arn, event)
        except (FunctionError, ThrottledError):
            return []
        ids = [message["MessageId"] for message in messages]
        failed = failed_items(answer, ids, reports_item_failures=self.mapping.reports_item_failures)
        return [message for message in messages if message["MessageId"] not in failed]

    def _delete(self, url: str, messages: list[dict[str, Any]]) -> None:
        for start in range(0, len(messages), _API_BATCH):
            self.sqs.delete_message_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(messages[start : start + _API_BATCH])
                ],
            )

    def _event_record(self, message: dict[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.mapping.source_arn,
            "awsRegion": self.mapping.region,
        }
