"""Voids of usage in DynamoDB (ports FiledVoids and UsageCorrections).

An item for each void, which is never changed; beside those of one original, one for what has come of them. An item for
each bucket that has any says that it is to be examined.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from shared.adapters.dynamodb.batches import put_all
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import Bucket
from shared.domain.metering.standing_void import (
    CorrectedBucket,
    Examined,
    FiledVoid,
    StandingVoid,
    VoidState,
    by_original,
)
from shared.domain.time_period import format_instant, parse_instant
from shared.domain.usage.correction import Original, UsageVoid
from shared.domain.usage.event import Delivery

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, UniversalAttributeValueTypeDef


class DynamoUsageCorrections:
    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def file(self, voids: Sequence[FiledVoid]) -> None:
        # Voids before buckets: whoever reads a bucket's filings finds all that they stand for.
        put_all(self._client, self._table, {str(one.delivery): self._item(one) for one in voids}.values())
        for bucket in sorted({one.bucket for one in voids}):
            self._client.update_item(
                TableName=self._table,
                Key=self._bucket_key(bucket),
                UpdateExpression="ADD filings :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

    def corrected(self) -> Iterator[CorrectedBucket]:
        for item in self._query(f"{self._tenant}#corrected"):
            yield CorrectedBucket(
                bucket=_bucket_of(item["sk"]["S"]), filings=int(item["filings"]["N"]), examined=_examined(item)
            )

    def standing(self, bucket: Bucket) -> Iterator[StandingVoid]:
        filed: list[FiledVoid] = []
        marks: dict[str, Mapping[str, AttributeValueTypeDef]] = {}
        for item in self._query(self._partition(bucket)):
            if "state" in item:
                marks[item["sk"]["S"]] = item
            else:
                filed.append(_filed(item, bucket))
        for members in by_original(filed):
            mark = marks.get(_mark_name(members[0].void.original), {})
            yield StandingVoid(
                filed=members,
                state=VoidState(mark["state"]["S"]) if mark else VoidState.WAITING,
                told=ExceptionCode(mark["told"]["S"]) if "told" in mark else None,
            )

    def mark(self, void: StandingVoid, state: VoidState, told: ExceptionCode | None) -> None:
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    "pk": {"S": self._partition(void.bucket)},
                    "sk": {"S": _mark_name(void.original)},
                    "state": {"S": state.value},
                    **({"told": {"S": told.value}} if told else {}),
                },
                ConditionExpression="attribute_not_exists(pk) OR #state IN (:waiting, :state)",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":waiting": {"S": VoidState.WAITING.value}, ":state": {"S": state.value}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # somebody else has settled it

    def examined(self, bucket: Bucket, examined: Examined) -> None:
        values: dict[str, UniversalAttributeValueTypeDef] = {
            ":filings": {"N": str(examined.filings)},
            ":base": {"N": str(examined.last_base)},
            ":late": {"N": str(examined.last_late)},
        }
        change = "SET examined_filings = :filings, last_base = :base, last_late = :late"
        if examined.again is None:
            change += " REMOVE again"
        else:
            change += ", again = :again"
            values[":again"] = {"S": format_instant(examined.again)}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._bucket_key(bucket),
                UpdateExpression=change,
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues=values,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # forgotten meanwhile

    def forget(self, bucket: Bucket) -> None:
        self._client.delete_item(TableName=self._table, Key=self._bucket_key(bucket))

    def _query(self, partition: str) -> "Iterator[Mapping[str, AttributeValueTypeDef]]":
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": partition}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _item(self, filed: FiledVoid) -> "Mapping[str, AttributeValueTypeDef]":
        void, original = filed.void, filed.void.original
        return {
            "pk": {"S": self._partition(filed.bucket)},
            "sk": {"S": f"{_digest(original)}#{filed.delivery}"},
            "delivery": {"S": str(filed.delivery)},
            "arrived_at": {"S": format_instant(filed.arrived_at)},
            "amends": {"BOOL": filed.amends},
            "source": {"S": void.source},
            "event_id": {"S": void.event_id},
            "reason": {"S": void.reason},
            "original_source": {"S": original.source},
            "original_id": {"S": original.event_id},
            "original_subject": {"S": original.subject},
            "original_time": {"S": format_instant(original.occurred_at)},
        }

    def _partition(self, bucket: Bucket) -> str:
        return f"{self._tenant}#corrections#{_name(bucket)}"

    def _bucket_key(self, bucket: Bucket) -> "dict[str, UniversalAttributeValueTypeDef]":
        return {"pk": {"S": f"{self._tenant}#corrected"}, "sk": {"S": _name(bucket)}}


def _name(bucket: Bucket) -> str:
    return f"{format_instant(bucket.slice_start)}#{bucket.version}#{bucket.group}"


def _bucket_of(name: str) -> Bucket:
    slice_start, version, group = name.split("#")
    return Bucket(int(version), int(group), parse_instant(slice_start))


def _mark_name(original: Original) -> str:
    return f"{_digest(original)}#~"  # after every delivery


def _digest(original: Original) -> str:
    """Name an original by a hash: sources, ids and subjects are any text, and long ones do not fit into a key."""
    said = (original.source, original.event_id, original.subject, format_instant(original.occurred_at))
    return blake2b("\0".join(said).encode(), digest_size=16).hexdigest()


def _filed(item: "Mapping[str, Any]", bucket: Bucket) -> FiledVoid:
    return FiledVoid(
        void=UsageVoid(
            source=item["source"]["S"],
            event_id=item["event_id"]["S"],
            original=Original(
                source=item["original_source"]["S"],
                event_id=item["original_id"]["S"],
                subject=item["original_subject"]["S"],
                occurred_at=parse_instant(item["original_time"]["S"]),
            ),
            reason=item["reason"]["S"],
        ),
        amends=item["amends"]["BOOL"],
        delivery=Delivery.parse(item["delivery"]["S"]),
        arrived_at=parse_instant(item["arrived_at"]["S"]),
        bucket=bucket,
    )


def _examined(item: "Mapping[str, Any]") -> Examined | None:
    if "examined_filings" not in item:
        return None
    return Examined(
        filings=int(item["examined_filings"]["N"]),
        last_base=int(item["last_base"]["N"]),
        last_late=int(item["last_late"]["N"]),
        again=parse_instant(item["again"]["S"]) if "again" in item else None,
    )
