"""What closing remembers, in one item beside the ledger (ports ClosingProgress and SliceRegister)."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from shared.domain.identifiers import TenantId
from shared.domain.metering.closing import ClosingState
from shared.domain.metering.watermark import Barrier, Mark
from shared.domain.time_period import format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UniversalAttributeValueTypeDef


class DynamoClosingProgress:
    """The closing of one tenant. Instants are stored as fixed-width text, which sorts as time does."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._key = {"pk": {"S": f"{tenant}#closing"}, "sk": {"S": "closing"}}
        self._first_slice: datetime | None = None

    def open_slice(self, slice_start: datetime) -> bool:
        if self._first_slice is not None and self._first_slice <= slice_start:
            return True
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression="SET first_slice = :slice",
                ConditionExpression="attribute_not_exists(first_slice)"
                " OR (first_slice > :slice AND attribute_not_exists(sealed_through))",
                ExpressionAttributeValues={":slice": {"S": format_instant(slice_start)}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            known = cast("dict[str, Any]", error.response)["Item"]
            self._first_slice = parse_instant(known["first_slice"]["S"])
        else:
            self._first_slice = slice_start
        return self._first_slice <= slice_start

    def state(self) -> ClosingState:
        reply = self._client.get_item(TableName=self._table, Key=self._key, ConsistentRead=True)
        item = cast("dict[str, Any]", reply.get("Item", {}))
        memory = json.loads(item["memory"]["S"]) if "memory" in item else {}
        return ClosingState(
            first_slice=_instant(item.get("first_slice", {}).get("S")),
            sealed_through=_instant(item.get("sealed_through", {}).get("S")),
            barrier=_barrier(memory),
            overdue=_instant(item.get("overdue", {}).get("S")),
        )

    def remember(self, barrier: Barrier) -> None:
        memory = {
            "complete_until": _text(barrier.complete_until),
            "marks": [mark and [_text(mark.usage_until), _text(mark.published_by)] for mark in barrier.marks],
        }
        self._client.update_item(
            TableName=self._table,
            Key=self._key,
            UpdateExpression="SET memory = :memory",
            ExpressionAttributeValues={":memory": {"S": json.dumps(memory)}},
        )

    def replace_overdue(self, known: datetime | None, overdue: datetime | None) -> bool:
        places = {":known": known, ":overdue": overdue}
        values: dict[str, UniversalAttributeValueTypeDef] = {
            name: {"S": format_instant(one)} for name, one in places.items() if one is not None
        }
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression="SET overdue = :overdue" if overdue else "REMOVE overdue",
                # What is to be put may be there already, by another run or by this call tried again by the client.
                ConditionExpression=" OR ".join(
                    f"overdue = {name}" if one else "attribute_not_exists(overdue)" for name, one in places.items()
                ),
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def seal_through(self, *, first_slice: datetime, sealed_through: datetime) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression="SET sealed_through = :through",
                ConditionExpression="first_slice = :first"
                " AND (attribute_not_exists(sealed_through) OR sealed_through < :through)",
                ExpressionAttributeValues={
                    ":first": {"S": format_instant(first_slice)},
                    ":through": {"S": format_instant(sealed_through)},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            state = self.state()
            # Another closer, or this call tried again by the client, may have said so already.
            return state.first_slice == first_slice and (state.sealed_through or first_slice) >= sealed_through
        return True


def _barrier(memory: dict[str, Any]) -> Barrier:
    return Barrier(
        marks=tuple(mark and Mark(parse_instant(mark[0]), parse_instant(mark[1])) for mark in memory.get("marks", ())),
        complete_until=_instant(memory.get("complete_until")),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)
