"""The ledger's logs in DynamoDB (port MeteringLedger): one item a slot, written once, never changed.

Usage slots of base logs expire (slot_lifetime.py); seals and late logs stay. A base log has a partition of its own; the
late logs of a group share one, so that they are read in one sweep.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import Bucket, late_key
from shared.domain.metering.slot import Content, Log, NumberedSlot, Seal, UsageSlot
from shared.domain.metering.slot_lifetime import expires_at
from shared.domain.metering.usage_place import LateSlot
from shared.domain.time_period import Period, format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LAST_NUMBER = 999_999  # numbers are sorted as text of six digits


class LogIsFullError(RuntimeError):
    """A log has a million slots: its slices are far too long for its traffic."""


class DynamoMeteringLedger:
    """The logs of one tenant. Reads are strongly consistent and complete."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def put(self, log: Log, number: int, content: Content) -> bool:
        if number > _LAST_NUMBER:
            raise LogIsFullError(self._partition(log))
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    "pk": {"S": self._partition(log)},
                    "sk": {"S": _sort_key(log, number)},
                    **_attributes(content),
                    **_expiry(log, content),
                },
                ConditionExpression="attribute_not_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def tail(self, log: Log, after: int) -> tuple[NumberedSlot, ...]:
        items = self._query(self._partition(log), _sort_key(log, after + 1), _sort_key(log, _LAST_NUMBER))
        return tuple(NumberedSlot(int(item["sk"]["S"][-6:]), _content(item)) for item in items)

    def late_slots(self, version: int, group: int, period: Period) -> Iterator[LateSlot]:
        until = format_instant(period.end) if period.end else "~"
        for item in self._query(late_key(self._tenant, version, group), format_instant(period.start), until):
            slice_start, number = item["sk"]["S"].split("#")
            content = _content(item)
            assert isinstance(content, UsageSlot), "a late log is never sealed"
            yield LateSlot(Bucket(version, group, parse_instant(slice_start)), int(number), content)

    def _query(self, partition: str, first: str, last: str) -> Iterator[dict[str, Any]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={":pk": {"S": partition}, ":first": {"S": first}, ":last": {"S": last}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _partition(self, log: Log) -> str:
        bucket = log.bucket
        return late_key(self._tenant, bucket.version, bucket.group) if log.late else bucket.key(self._tenant)


def _sort_key(log: Log, number: int) -> str:
    return f"{format_instant(log.bucket.slice_start)}#{number:06d}" if log.late else f"{number:06d}"


def _attributes(content: Content) -> dict[str, Any]:
    match content:
        case Seal():
            return {"sealed": {"BOOL": True}}
        case UsageSlot():
            return {
                "ids": {"B": content.fingerprints},
                "rows": {"B": content.packed_windows},
                "n_events": {"N": str(content.events)},
                "records": {"S": content.deliveries},
                "arrived_at": {"S": format_instant(content.arrived_at)},
                **({"voids": {"B": content.voids}} if content.voids else {}),
            }


def _expiry(log: Log, content: Content) -> dict[str, Any]:
    if log.late or isinstance(content, Seal):
        return {}
    return {"expires_at": {"N": str(int(expires_at(log.bucket.slice_start).timestamp()))}}


def _content(item: dict[str, Any]) -> Content:
    if "sealed" in item:
        return Seal()
    return UsageSlot(
        fingerprints=item["ids"]["B"],
        packed_windows=item["rows"]["B"],
        deliveries=item["records"]["S"],
        arrived_at=parse_instant(item["arrived_at"]["S"]),
        voids=item["voids"]["B"] if "voids" in item else b"",
    )
