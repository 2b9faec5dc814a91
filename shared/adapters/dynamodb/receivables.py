"""Receivables in DynamoDB (port Receivables): beside the postings, one partition a legal entity."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from shared.contracts.receivable import read_receivable, write_receivable
from shared.domain.identifiers import LegalEntityId, PostingId, TenantId
from shared.domain.receivables.books_reading import BooksReading
from shared.domain.receivables.receivable import Receivable
from shared.domain.time_period import format_instant, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_OF_A_POSTING = "posting#"
_CURSOR = "cursor#"
_INSTANTS = ("asked_at", "began_at", "complete_as_of")
# Two changes may fall in one second of the ERP's clock; who reads last has read the last one.
_IS_NEWS = "attribute_not_exists(pk) OR changed_at < :then OR (changed_at = :then AND body <> :body)"


class DynamoReceivables:
    """The receivables of one tenant."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def read(self, legal_entity_id: LegalEntityId, posting_id: PostingId) -> Receivable | None:
        item = self._item(legal_entity_id, _OF_A_POSTING + posting_id)
        return read_receivable(item["body"]["S"]) if item else None

    def of(self, legal_entity_id: LegalEntityId) -> Iterator[Receivable]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :postings)",
            ExpressionAttributeValues={
                ":pk": self._key(legal_entity_id, "")["pk"],
                ":postings": {"S": _OF_A_POSTING},
            },
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield read_receivable(item["body"]["S"])

    def save(self, receivable: Receivable) -> bool:
        changed_at, body = {"S": format_instant(receivable.changed_at)}, {"S": write_receivable(receivable)}
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    **self._key(receivable.legal_entity_id, _OF_A_POSTING + receivable.posting_id),
                    "changed_at": changed_at,
                    "body": body,
                },
                ConditionExpression=_IS_NEWS,
                ExpressionAttributeValues={":then": changed_at, ":body": body},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def reading(self, legal_entity_id: LegalEntityId, books: str) -> BooksReading:
        item = self._item(legal_entity_id, _CURSOR + books)
        if item is None:
            return BooksReading()
        instants = {name: parse_instant(item[name]["S"]) for name in _INSTANTS if name in item}
        return BooksReading(cursor=item["body"]["S"], **instants)

    def save_reading(self, legal_entity_id: LegalEntityId, books: str, reading: BooksReading) -> None:
        instants = {name: {"S": format_instant(at)} for name in _INSTANTS if (at := getattr(reading, name)) is not None}
        item = {**self._key(legal_entity_id, _CURSOR + books), "body": {"S": reading.cursor}, **instants}
        self._client.put_item(TableName=self._table, Item=item)

    def _item(self, legal_entity_id: LegalEntityId, sort_key: str) -> dict[str, Any] | None:
        key = self._key(legal_entity_id, sort_key)
        return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")

    def _key(self, legal_entity_id: LegalEntityId, sort_key: str) -> dict[str, Any]:
        return {"pk": {"S": f"{self._tenant}#receivables#{legal_entity_id}"}, "sk": {"S": sort_key}}
