"""Many items in few calls: what DynamoDB did not process is asked for again, and all of it is done or it raises."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from shared.adapters.chunks import bounded_chunks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

MAX_PUTS_A_CALL = 25
MAX_GETS_A_CALL = 100
MAX_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 0.05


class NotProcessedError(RuntimeError):
    """DynamoDB left some of the items aside to the end. Puts that were done stay done: repeat all of them."""


def put_all(
    client: "DynamoDBClient",
    table: str,
    items: "Iterable[Mapping[str, AttributeValueTypeDef]]",
    *,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Put all items, no two of which have one key."""
    for chunk in bounded_chunks(items, size_of=lambda _: 1, most_items=MAX_PUTS_A_CALL, most_bytes=MAX_PUTS_A_CALL):
        requests = {table: [{"PutRequest": {"Item": item}} for item in chunk]}
        for _ in _attempts(pause):
            requests = client.batch_write_item(RequestItems=requests)["UnprocessedItems"]  # type: ignore[arg-type, assignment]
            if not requests:
                break
        else:
            raise NotProcessedError(f"{table} did not take all items in {MAX_ATTEMPTS} attempts")


def get_all(
    client: "DynamoDBClient",
    table: str,
    keys: "Iterable[Mapping[str, AttributeValueTypeDef]]",
    *,
    pause: Callable[[float], None] = time.sleep,
) -> "Iterator[Mapping[str, AttributeValueTypeDef]]":
    """Yield the items that exist under the keys, no two of which are the same, in no order."""
    for chunk in bounded_chunks(keys, size_of=lambda _: 1, most_items=MAX_GETS_A_CALL, most_bytes=MAX_GETS_A_CALL):
        requests = {table: {"Keys": chunk, "ConsistentRead": True}}
        for _ in _attempts(pause):
            answer = client.batch_get_item(RequestItems=requests)  # type: ignore[arg-type]
            yield from answer["Responses"].get(table, ())
            requests = answer["UnprocessedKeys"]  # type: ignore[assignment]
            if not requests:
                break
        else:
            raise NotProcessedError(f"{table} did not give all items in {MAX_ATTEMPTS} attempts")


def _attempts(pause: Callable[[float], None]) -> Iterator[int]:
    for attempt in range(MAX_ATTEMPTS):
        if attempt:
            pause(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
        yield attempt
