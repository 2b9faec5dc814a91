"""What DynamoDB leaves aside is asked for again, so often and no more."""

from typing import Any

import pytest

from shared.adapters.dynamodb.batches import MAX_ATTEMPTS, NotProcessedError, get_all, put_all

ITEMS: list[Any] = [{"pk": {"S": f"item-{number}"}, "sk": {"S": "only"}} for number in range(30)]


class BusyTable:
    """Takes `most` items a call and leaves the rest aside, as DynamoDB may."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.kept: list[Any] = []
        self.calls = 0

    def batch_write_item(self, RequestItems: Any) -> Any:  # noqa: N803 - the client's name
        self.calls += 1
        ((table, requests),) = RequestItems.items()
        self.kept += [request["PutRequest"]["Item"] for request in requests[: self._most]]
        left = requests[self._most :]
        return {"UnprocessedItems": {table: left} if left else {}}

    def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 - the client's name
        self.calls += 1
        ((table, request),) = RequestItems.items()
        left = request["Keys"][self._most :]
        return {
            "Responses": {table: request["Keys"][: self._most]},
            "UnprocessedKeys": {table: request | {"Keys": left}} if left else {},
        }


def busy_table(most: int) -> Any:
    return BusyTable(most)


def test_items_that_were_left_aside_are_put_again() -> None:
    table = busy_table(most=10)

    put_all(table, "usage", ITEMS, pause=lambda _: None)

    assert table.kept == ITEMS
    assert table.calls == 4  # 25 in three calls, 5 in one


def test_items_that_are_never_taken_raise_after_a_bounded_number_of_attempts() -> None:
    table = busy_table(most=0)
    pauses: list[float] = []

    with pytest.raises(NotProcessedError):
        put_all(table, "usage", ITEMS, pause=pauses.append)

    assert table.calls == MAX_ATTEMPTS
    assert pauses == sorted(pauses)


def test_keys_that_were_left_aside_are_read_again() -> None:
    assert list(get_all(busy_table(most=12), "usage", ITEMS, pause=lambda _: None)) == ITEMS


def test_keys_that_are_never_read_raise() -> None:
    with pytest.raises(NotProcessedError):
        list(get_all(busy_table(most=0), "usage", ITEMS, pause=lambda _: None))
