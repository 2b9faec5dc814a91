"""What an event source mapping that reports batch item failures is answered, as Lambda reads it."""

from typing import TypedDict


class BatchItemFailure(TypedDict):
    itemIdentifier: str


class BatchResponse(TypedDict):
    batchItemFailures: list[BatchItemFailure]
