"""Parked usage in DynamoDB (port ParkedUsage): a log of parkings and releases, and one item for each group.

Nothing of the log is ever changed. Key: tenant and group, then the event's time, delivery and attempt; a release has
its parking's key with a suffix, so that the two are neighbors.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING

from shared.adapters.dynamodb.batches import put_all
from shared.contracts.usage_rows import accepted_row
from shared.contracts.usage_stream import read_accepted_rows
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import MeterCode, TenantId
from shared.domain.master_data.customer import ALWAYS
from shared.domain.time_period import Period, format_instant, parse_instant
from shared.domain.usage.parked import OpenGroup, ParkedEvent, ParkedGroup

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, UniversalAttributeValueTypeDef

_RELEASED = "#released"
_INSTANT = timedelta(microseconds=1)
_AFTER_EVERY_TIME = ":"  # comes after every digit
_FEW = 50
_OPEN, _SETTLING, _CLOSED = "open", "settling", "closed"


class DynamoParkedUsage:
    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def park(self, events: Sequence[ParkedEvent], parked_at: datetime) -> Mapping[ParkedGroup, datetime]:
        # Events before groups: whoever reads a group's new fence finds everything that it stands for.
        parkings = {(event.group, self._sort_key(event)): self._parking(event) for event in events}
        put_all(self._client, self._table, parkings.values())
        fences = {event.group: event.attempt for event in events}
        return {group: self._open(group, fence, parked_at) for group, fence in fences.items()}

    def open_groups(self) -> Iterator[OpenGroup]:
        for item in self._groups():
            if item["state"]["S"] != _CLOSED:
                yield OpenGroup(
                    group=_group_of(item),
                    fence=item["fence"]["S"],
                    parked_at=parse_instant(item["parked_at"]["S"]),
                    settled_at=parse_instant(item["settled_at"]["S"]) if "settled_at" in item else None,
                )

    def parked(self, group: ParkedGroup, within: Period) -> Iterator[ParkedEvent]:
        for item in _waiting(self._query(self._partition(group), within)):
            yield _event_of(item, group.code)

    def waits(self, group: ParkedGroup) -> bool:
        # A short page: most groups that are asked about still wait with their first event.
        return next(_waiting(self._query(self._partition(group), page_items=_FEW)), None) is not None

    def mark_released(self, events: Sequence[ParkedEvent]) -> None:
        put_all(
            self._client,
            self._table,
            (
                {"pk": {"S": self._partition(event.group)}, "sk": {"S": self._sort_key(event) + _RELEASED}}
                for event in events
            ),
        )

    def settle(self, group: OpenGroup, settled_at: datetime) -> datetime | None:
        earliest = group.parked_at if group.settled_at is None else max(group.parked_at, group.settled_at + _INSTANT)
        at = max(settled_at, earliest)
        change = "SET #state = :settling, settled_at = :at"
        values = {":settling": {"S": _SETTLING}, ":at": {"S": format_instant(at)}, ":fence": {"S": group.fence}}
        return at if self._change(group, change, "fence = :fence", values) else None

    def close(self, group: OpenGroup, settled_at: datetime) -> None:
        values = {":closed": {"S": _CLOSED}, ":at": {"S": format_instant(settled_at)}, ":fence": {"S": group.fence}}
        values[":settling"] = {"S": _SETTLING}
        condition = "fence = :fence AND settled_at = :at AND #state = :settling"
        self._change(group, "SET #state = :closed", condition, values)

    def parked_deliveries(self) -> Collection[str]:
        return {
            item["name"]["S"] if "name" in item else item["delivery"]["S"]
            for group in self._groups()
            for item in self._query(self._partition(_group_of(group)))
            if "delivery" in item
        }

    def _open(self, group: ParkedGroup, fence: str, parked_at: datetime) -> datetime:
        answer = self._client.update_item(
            TableName=self._table,
            Key=self._group_key(group),
            UpdateExpression=(
                "SET code = :code, subject = :subject, meter = :meter,"
                " #state = :open, fence = :fence, parked_at = :parked_at"
            ),
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={
                ":code": {"S": group.code},
                ":subject": {"S": group.subject},
                ":meter": {"S": group.meter},
                ":open": {"S": _OPEN},
                ":fence": {"S": fence},
                ":parked_at": {"S": format_instant(parked_at)},
            },
            ReturnValues="ALL_NEW",
        )["Attributes"]
        if "settled_at" not in answer:
            return parked_at
        return max(parked_at, parse_instant(answer["settled_at"]["S"]) + _INSTANT)

    def _change(
        self, group: OpenGroup, change: str, condition: str, values: "Mapping[str, UniversalAttributeValueTypeDef]"
    ) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._group_key(group.group),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _groups(self) -> "Iterator[Mapping[str, AttributeValueTypeDef]]":
        return self._query(f"{self._tenant}#parked-groups")

    def _query(
        self, partition: str, within: Period = ALWAYS, *, page_items: int | None = None
    ) -> "Iterator[Mapping[str, AttributeValueTypeDef]]":
        key, values = "pk = :pk", {":pk": {"S": partition}}
        if within != ALWAYS:
            # Keys start with the time, and a key goes on behind it: nothing that happens at the end is between.
            key += " AND sk BETWEEN :start AND :end"
            values[":start"] = {"S": format_instant(within.start)}
            values[":end"] = {"S": format_instant(within.end) if within.end else _AFTER_EVERY_TIME}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=key,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
            PaginationConfig={} if page_items is None else {"PageSize": page_items},
        )
        for page in pages:
            yield from page["Items"]

    def _parking(self, event: ParkedEvent) -> "Mapping[str, AttributeValueTypeDef]":
        return {
            "pk": {"S": self._partition(event.group)},
            "sk": {"S": self._sort_key(event)},
            "delivery": {"S": str(event.usage.delivery)},
            "name": {"S": event.name},
            "attempt": {"S": event.attempt},
            "reason": {"S": event.reason},
            "row": {"S": json.dumps(accepted_row(event.usage), ensure_ascii=False)},
        }

    @staticmethod
    def _sort_key(event: ParkedEvent) -> str:
        return f"{format_instant(event.usage.event.occurred_at)}#{event.usage.delivery}#{event.attempt}"

    def _partition(self, group: ParkedGroup) -> str:
        return f"{self._tenant}#parked#{_digest(group)}"

    def _group_key(self, group: ParkedGroup) -> "dict[str, UniversalAttributeValueTypeDef]":
        return {"pk": {"S": f"{self._tenant}#parked-groups"}, "sk": {"S": _digest(group)}}


def _waiting(
    items: "Iterator[Mapping[str, AttributeValueTypeDef]]",
) -> "Iterator[Mapping[str, AttributeValueTypeDef]]":
    """Yield the parkings that no release follows."""
    waiting: Mapping[str, AttributeValueTypeDef] | None = None
    for item in chain(items, [None]):
        if item is not None and item["sk"]["S"].endswith(_RELEASED):
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = item


def _digest(group: ParkedGroup) -> str:
    """Name a group by a hash: subjects and meters are any text, and long ones do not fit into a key."""
    return blake2b(json.dumps([group.code, group.subject, group.meter]).encode(), digest_size=16).hexdigest()


def _group_of(item: "Mapping[str, AttributeValueTypeDef]") -> ParkedGroup:
    return ParkedGroup(ExceptionCode(item["code"]["S"]), item["subject"]["S"], MeterCode(item["meter"]["S"]))


def _event_of(item: "Mapping[str, AttributeValueTypeDef]", code: ExceptionCode) -> ParkedEvent:
    (usage,) = read_accepted_rows(f"[{item['row']['S']}]".encode())
    return ParkedEvent(usage=usage, code=code, reason=item["reason"]["S"], attempt=item["attempt"]["S"])
