"""Watches over sources in DynamoDB (port WatchedProducers), beside the ledger: one item a source."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.domain.identifiers import TenantId
from shared.domain.producers.signs_of_life import Watch
from shared.domain.time_period import format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UniversalAttributeValueTypeDef


class DynamoWatchedProducers:
    """The watches of one tenant, all in one partition. A source that is forgotten leaves an item without a watch."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._partition = f"{tenant}#watched-producers"

    def watches(self) -> Mapping[str, Watch]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": self._partition}},
            ConsistentRead=True,
        )
        return {
            item["sk"]["S"]: Watch(
                since=parse_instant(item["since"]["S"]),
                told_at=parse_instant(item["told_at"]["S"]) if "told_at" in item else None,
            )
            for page in pages
            for item in page["Items"]
            if "since" in item
        }

    def keep(self, source: str, watch: Watch) -> None:
        values: dict[str, UniversalAttributeValueTypeDef] = {":since": {"S": format_instant(watch.since)}}
        if watch.told_at is not None:
            values[":told_at"] = {"S": format_instant(watch.told_at)}
        self._client.update_item(
            TableName=self._table,
            Key=self._key(source),
            UpdateExpression="SET since = :since, told_at = :told_at"
            if watch.told_at
            else "SET since = :since REMOVE told_at",
            ExpressionAttributeValues=values,
        )

    def end(self, source: str) -> None:
        self._client.update_item(TableName=self._table, Key=self._key(source), UpdateExpression="REMOVE since, told_at")

    def _key(self, source: str) -> "dict[str, UniversalAttributeValueTypeDef]":
        return {"pk": {"S": self._partition}, "sk": {"S": source}}
