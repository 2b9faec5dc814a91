"""An outbox of intents in DynamoDB: items with a fencing version, listed while open, counted by accounting periods.

An item is written only over the version before its own. A sparse index lists what is open by when it is due; the index
only lists candidates.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from botocore.exceptions import ClientError

from shared.domain.time_period import format_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

Item: TypeAlias = dict[str, Any]

OPEN_BY_DUE = "open-by-due"
_MAX_CONFLICT_RETRIES = 5  # what is written in parallel touches the same accounting period
_SAME_VERSION = "version = :expected"


def new_item_write(item: Item, *, table: str) -> "TransactWriteItemTypeDef":
    """Return what stores an item in a transaction; it fails if there is one under its key."""
    return {"Put": {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}


def changed_item_write(item: Item, *, table: str) -> "TransactWriteItemTypeDef":
    """Return what stores an item in a transaction; it fails unless the stored version is one below."""
    return {
        "Put": {
            "TableName": table,
            "Item": item,
            "ConditionExpression": _SAME_VERSION,
            "ExpressionAttributeValues": _expected(item),
        }
    }


def open_until_due(open_key: str, due_at: datetime) -> Item:
    """Return the attributes by which the index lists an item under a key."""
    return {"open": {"S": open_key}, "due": {"S": format_instant(due_at)}}


class IntentsOutbox:
    """The items of one table."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read(self, key: Item) -> Item | None:
        reply = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return reply.get("Item")

    def listed(self, open_key: str, *, due_by: datetime | None = None) -> Iterator[Item]:
        """Yield what is open under a key, longest due first; it may have changed since."""
        due = {} if due_by is None else {":now": {"S": format_instant(due_by)}}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=OPEN_BY_DUE,
            KeyConditionExpression="#open = :key AND due <= :now" if due else "#open = :key",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={":key": {"S": open_key}, **due},
        )
        for page in pages:
            yield from page["Items"]

    def key_by(self, index: str, attribute: str, value: str) -> Item | None:
        """Return the key of the item that an index has under a value; it trails the table by moments."""
        found = self._client.query(
            TableName=self._table,
            IndexName=index,
            KeyConditionExpression=f"{attribute} = :value",
            ExpressionAttributeValues={":value": {"S": value}},
        )["Items"]
        return {name: found[0][name] for name in ("pk", "sk")} if found else None

    def put(self, item: Item, *, stale: Exception) -> None:
        """Store an item; raise `stale` unless the stored version is one below."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=_SAME_VERSION,
                ExpressionAttributeValues=_expected(item),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            # A write whose reply was lost is tried again by the client and then meets itself.
            if cast("Item", error.response).get("Item") != item:
                raise stale from error

    def put_with_period(
        self, item: Item, period: "TransactWriteItemTypeDef", *, stale: Exception, closed: Exception | None = None
    ) -> None:
        """Store an item together with what is written or checked of its accounting period.

        Raise `stale` unless the item's stored version is one below, and `closed` where the period's condition fails.
        What meets another write of the same period is tried again, a few times.
        """
        writes = [changed_item_write(item, table=self._table), period]
        for retries_left in reversed(range(_MAX_CONFLICT_RETRIES)):
            try:
                self._client.transact_write_items(TransactItems=writes)
            except self._client.exceptions.TransactionCanceledException as error:
                _raise_what_failed(error, stale, closed)
                if not retries_left:
                    raise
            else:
                return


def _raise_what_failed(error: ClientError, stale: Exception, closed: Exception | None) -> None:
    reasons = cast("Item", error.response).get("CancellationReasons", [])
    item_failed, period_failed = (reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)
    if item_failed:
        raise stale from error
    if period_failed and closed is not None:
        raise closed from error
    if not any(reason.get("Code") == "TransactionConflict" for reason in reasons):
        raise error


def _expected(item: Item) -> Item:
    return {":expected": {"N": str(int(item["version"]["N"]) - 1)}}
