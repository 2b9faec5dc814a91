"""The SQS event source: batches of visible messages. What fails comes again when its visibility time-out is over.

Visibility, receive counts and the move to the dead-letter queue, at the receive that would be one too many, are moto's
own on simulated time: what lies in a dead-letter queue is there for every SDK call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from operations.local.event_sources.mapping import EventSourceMapping, failed_items
from operations.local.functions import FunctionError
from operations.local.moto_engine.sources import has_visible_messages

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_API_BATCH = 10


@dataclass(frozen=True, slots=True)
class SqsEventSource:
    """`poll` takes one batch, if anything is visible, and says whether something moved."""

    mapping: EventSourceMapping
    sqs: "SQSClient"
    invoke: Callable[[str, Any], Any]

    def poll(self) -> bool:
        if not has_visible_messages(self.mapping.source_name, self.mapping.region):
            return False
        url = self.sqs.get_queue_url(QueueName=self.mapping.source_name)["QueueUrl"]
        messages = self._receive(url)
        if messages:
            self._delete(url, self._processed(messages))
        return True

    def _receive(self, url: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        while len(messages) < self.mapping.batch_size:
            received: Any = self.sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(_API_BATCH, self.mapping.batch_size - len(messages)),
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not received:
                break
            messages.extend(received)
        return messages

    def _processed(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        event = {"Records": [self._event_record(message) for message in messages]}
        try:
            answer = self.invoke(self.mapping.function_arn, event)
        except FunctionError:
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
