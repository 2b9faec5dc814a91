"""A DynamoDB client that costs next to nothing, so that what is measured is the handler."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]


class _ConditionalCheckFailedError(ClientError):
    pass


class _Exceptions:
    ConditionalCheckFailedException = _ConditionalCheckFailedError


class _NothingYet:
    def paginate(self, **_request: object) -> Iterator[dict[str, list[Item]]]:
        yield {"Items": []}


class FreeDynamoDb:
    """Knows new items from old ones by their key, as conditional puts need. `on_write` is told of every write."""

    exceptions = _Exceptions()

    def __init__(self, on_write: Callable[[Item], None] | None = None) -> None:
        self._items: dict[Any, Item] = {}
        self._on_write = on_write
        self.calls = 0

    def put_item(self, *, Item: Item, **_request: object) -> None:  # noqa: N803 - the client's own argument
        self.calls += 1
        key = (Item["pk"]["S"], Item["sk"]["S"]) if "pk" in Item else Item["id"]["S"]
        if self._on_write:
            self._on_write(Item)
        known = self._items.setdefault(key, Item)
        if known is not Item:
            reply: Any = {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": known}
            raise _ConditionalCheckFailedError(reply, "PutItem")

    def update_item(self, *, Key: Item, ExpressionAttributeValues: Item, **_request: object) -> None:  # noqa: N803
        self.calls += 1
        values = {name.lstrip(":"): value for name, value in ExpressionAttributeValues.items()}
        if self._on_write:
            self._on_write({**Key, **values})
        if "id" in Key:  # the idempotency record: a repeat reads its outcome
            self._items[Key["id"]["S"]] |= {"status": values["status"], "expiration": values["expiry"]}
            self._items[Key["id"]["S"]]["data"] = values["response_data"]

    def get_paginator(self, _operation: str) -> _NothingYet:
        self.calls += 1
        return _NothingYet()
