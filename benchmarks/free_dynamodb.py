"""A DynamoDB client that costs next to nothing, so that what is measured is the handler; and a meter of its units."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from benchmarks.dynamodb_sizer import read_units, write_units

Item = dict[str, Any]


class _ConditionalCheckFailedError(ClientError):
    pass


class _Exceptions:
    ConditionalCheckFailedException = _ConditionalCheckFailedError


class Units:
    """Adds up capacity units and calls as AWS would charge them; a refused put is charged like any other.

    `put` is the part of `written` that PutItem took.
    """

    def __init__(self) -> None:
        self.put = self.written = self.read = self.calls = 0

    def on_put(self, item: Item) -> None:
        self.on_update(item)
        self.put += write_units(item)

    def on_update(self, item: Item) -> None:
        self.calls += 1
        self.written += write_units(item)

    def on_read(self, items: list[Item]) -> None:
        self.calls += 1
        self.read += read_units(items)


class _Query:
    def __init__(self, partitions: dict[str, dict[str, Item]], on_read: Callable[[list[Item]], None] | None) -> None:
        self._partitions = partitions
        self._on_read = on_read

    def paginate(self, *, ExpressionAttributeValues: Item, **_request: object) -> Iterator[dict[str, list[Item]]]:  # noqa: N803
        values = {name: value["S"] for name, value in ExpressionAttributeValues.items()}
        partition = self._partitions.get(values[":pk"], {})
        items = [partition[key] for key in sorted(partition) if values[":first"] <= key <= values[":last"]]
        if self._on_read:
            self._on_read(items)
        yield {"Items": items}


class FreeDynamoDb:
    """Knows new items from old ones by their key, as conditional puts need. `units` is told of every call."""

    exceptions = _Exceptions()

    def __init__(self, units: Units | None = None) -> None:
        self._partitions: dict[str, dict[str, Item]] = {}
        self._records: dict[str, Item] = {}
        self._units = units

    def put_item(self, *, Item: Item, **_request: object) -> None:  # noqa: N803 - the client's own argument
        if self._units:
            self._units.on_put(Item)
        if "pk" in Item:
            known = self._partitions.setdefault(Item["pk"]["S"], {}).setdefault(Item["sk"]["S"], Item)
        else:
            known = self._records.setdefault(Item["id"]["S"], Item)
        if known is not Item:
            reply: Any = {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": known}
            raise _ConditionalCheckFailedError(reply, "PutItem")

    def update_item(self, *, Key: Item, ExpressionAttributeValues: Item, **_request: object) -> None:  # noqa: N803
        values = {name.lstrip(":"): value for name, value in ExpressionAttributeValues.items()}
        if self._units:
            self._units.on_update({**Key, **values})
        if "id" in Key:  # the idempotency record: a repeat reads its outcome
            self._records[Key["id"]["S"]] |= {"status": values["status"], "expiration": values["expiry"]}
            self._records[Key["id"]["S"]]["data"] = values["response_data"]

    def get_paginator(self, _operation: str) -> _Query:
        return _Query(self._partitions, self._units.on_read if self._units else None)
