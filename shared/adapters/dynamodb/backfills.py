"""Backfills in DynamoDB (port Backfills): an item each, and one for each part, both moved on by conditions alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from shared.contracts.progress_text import read_progress, write_progress
from shared.domain.backfill.backfill import LOADABLE, Backfill, BackfillState, Decision, Part
from shared.domain.identifiers import TenantId
from shared.domain.replay.progress import ReplayProgress
from shared.domain.time_period import format_instant, parse_instant
from shared.ports.backfills import BackfillError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, UniversalAttributeValueTypeDef

_LOADABLE = "#state IN (:opened, :loading)"
_STATE = {"#state": "state"}


class DynamoBackfills:
    """The backfills of one tenant."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def open(self, backfill_id: str, opened: Decision, reason: str) -> Backfill:
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    **self._key(backfill_id),
                    "state": {"S": BackfillState.OPENED},
                    "opened_by": {"S": opened.by},
                    "opened_at": {"S": format_instant(opened.at)},
                    "reason": {"S": reason},
                    "progress": {"S": write_progress(ReplayProgress())},
                },
                ConditionExpression="attribute_not_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            known = self.read(backfill_id)
            if known.reason != reason:
                raise BackfillError(f"backfill {backfill_id} was opened by {known.opened.by}: {known.reason}") from None
            return known
        return self.read(backfill_id)

    def read(self, backfill_id: str) -> Backfill:
        answer = self._client.get_item(TableName=self._table, Key=self._key(backfill_id), ConsistentRead=True)
        if "Item" not in answer:
            raise BackfillError(f"there is no backfill {backfill_id}")
        return _backfill(answer["Item"])

    def every(self) -> Iterator[Backfill]:
        return map(_backfill, self._query("pk = :pk", {":pk": {"S": self._partition}}))

    def add_part(self, backfill_id: str, part: Part) -> None:
        try:
            self._client.transact_write_items(
                TransactItems=[
                    {
                        "Update": {
                            "TableName": self._table,
                            "Key": self._key(backfill_id),
                            "UpdateExpression": "SET #state = :loading",
                            "ConditionExpression": _LOADABLE,
                            "ExpressionAttributeNames": _STATE,
                            "ExpressionAttributeValues": _states(LOADABLE),
                        }
                    },
                    {
                        "Put": {
                            "TableName": self._table,
                            "Item": {
                                "pk": {"S": self._parts(backfill_id)},
                                "sk": {"S": part.name},
                                "events": {"N": str(part.events)},
                            },
                        }
                    },
                ]
            )
        except self._client.exceptions.TransactionCanceledException:
            state = self.read(backfill_id).state
            if state in LOADABLE:
                raise  # a moment's quarrel with another loader: to be tried again
            raise BackfillError(f"backfill {backfill_id} is {state}: nothing can be loaded") from None

    def parts(self, backfill_id: str, after: str) -> Iterator[Part]:
        values = {":pk": {"S": self._parts(backfill_id)}, ":after": {"S": after or "-"}}
        for item in self._query("pk = :pk AND sk > :after", values):
            yield Part(name=item["sk"]["S"], events=int(item["events"]["N"]))

    def begin_closing(self, backfill_id: str, decision: Decision) -> Backfill:
        return self._end(backfill_id, BackfillState.CLOSING, decision, or_in=(BackfillState.CLOSED,))

    def revert(self, backfill_id: str, decision: Decision) -> Backfill:
        return self._end(backfill_id, BackfillState.REVERTED, decision, or_in=())

    def advance(self, backfill_id: str, known: ReplayProgress, reached: ReplayProgress) -> bool:
        state = BackfillState.CLOSED if reached.finished else BackfillState.CLOSING
        change = "SET progress = :reached, #state = :state"
        # It may be there already, by this call tried again by the client.
        condition = "progress = :known OR progress = :reached"
        values = {
            ":known": _text(write_progress(known)),
            ":reached": _text(write_progress(reached)),
            ":state": _text(state),
        }
        return self._update(backfill_id, change, condition, values)

    def _end(
        self, backfill_id: str, state: BackfillState, decision: Decision, *, or_in: Sequence[BackfillState]
    ) -> Backfill:
        """Move to a state that nothing comes back from; one that is there, or in a later one, stays as it is."""
        values: dict[str, UniversalAttributeValueTypeDef] = {
            **_states(LOADABLE),
            ":to": _text(state),
            ":by": _text(decision.by),
            ":at": _text(format_instant(decision.at)),
        }
        changed = self._update(backfill_id, "SET #state = :to, ended_by = :by, ended_at = :at", _LOADABLE, values)
        backfill = self.read(backfill_id)
        if not changed and backfill.state not in (state, *or_in):
            raise BackfillError(f"backfill {backfill_id} is {backfill.state}")
        return backfill

    def _update(
        self, backfill_id: str, change: str, condition: str, values: "Mapping[str, UniversalAttributeValueTypeDef]"
    ) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._key(backfill_id),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeNames=_STATE,
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _query(
        self, keys: str, values: "Mapping[str, UniversalAttributeValueTypeDef]"
    ) -> "Iterator[Mapping[str, AttributeValueTypeDef]]":
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=keys,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    @property
    def _partition(self) -> str:
        return f"{self._tenant}#backfills"

    def _parts(self, backfill_id: str) -> str:
        return f"{self._tenant}#backfill-parts#{backfill_id}"

    def _key(self, backfill_id: str) -> "dict[str, UniversalAttributeValueTypeDef]":
        return {"pk": {"S": self._partition}, "sk": {"S": backfill_id}}


def _states(states: Sequence[BackfillState]) -> "dict[str, UniversalAttributeValueTypeDef]":
    return {f":{state}": _text(state) for state in states}


def _text(value: str) -> "UniversalAttributeValueTypeDef":
    return {"S": value}


def _backfill(item: "Mapping[str, AttributeValueTypeDef]") -> Backfill:
    ended = "ended_by" in item
    return Backfill(
        backfill_id=item["sk"]["S"],
        state=BackfillState(item["state"]["S"]),
        opened=Decision(by=item["opened_by"]["S"], at=parse_instant(item["opened_at"]["S"])),
        reason=item["reason"]["S"],
        ended=Decision(by=item["ended_by"]["S"], at=parse_instant(item["ended_at"]["S"])) if ended else None,
        progress=read_progress(item["progress"]["S"]),
    )
