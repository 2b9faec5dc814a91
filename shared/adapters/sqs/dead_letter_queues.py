"""Look into dead-letter queues: receive with a short visibility, delete nothing."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from shared.domain.dead_letter import DeadLetter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_RECEIVES_A_QUEUE = 100
PEEK_SECONDS = 10  # long enough to rarely meet a message twice in one look, short enough not to delay a redrive


class SqsDeadLetters:
    """Port DeadLetters over SQS queues by our own names of them."""

    def __init__(self, client: "SQSClient", queue_urls: Mapping[str, str]) -> None:
        self._client = client
        self._queue_urls = queue_urls

    def peek(self) -> Iterator[DeadLetter]:
        for queue, url in self._queue_urls.items():
            yield from self._peek_into(queue, url)

    def _peek_into(self, queue: str, url: str) -> Iterator[DeadLetter]:
        for _ in range(MAX_RECEIVES_A_QUEUE):
            answer = self._client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=PEEK_SECONDS,
                WaitTimeSeconds=0,
            )
            messages = answer.get("Messages", [])
            if not messages:
                return
            for message in messages:
                yield DeadLetter(queue=queue, body=message["Body"])
