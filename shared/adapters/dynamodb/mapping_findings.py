"""What checks of the mappings have found, in DynamoDB (port MappingFindings): one item for each kind of entries."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shared.domain.identifiers import TenantId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.mapping_check import UnknownName
from shared.domain.posting.readings import ReferenceKind

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_KEPT = 1_000  # of a kind: an item has room for them, and MAPPING_UNKNOWN is open all the same


class DynamoMappingFindings:
    """The findings of one tenant, beside its postings. Key: legal entity and books, then the kind."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def record(self, entity: LegalEntity, found: Mapping[ReferenceKind, Sequence[UnknownName]]) -> None:
        for kind, names in found.items():
            kept: list[Any] = [{"M": _fields(one)} for one in names[:MOST_KEPT]]
            item: dict[str, Any] = {"pk": self._partition(entity), "sk": {"S": kind.value}, "unknown": {"L": kept}}
            self._client.put_item(TableName=self._table, Item=item)

    def known(self, entity: LegalEntity) -> tuple[UnknownName, ...]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": self._partition(entity)},
            ConsistentRead=True,
        )
        return tuple(
            UnknownName(one["M"]["name"]["S"], one["M"]["key"]["S"], is_closed=one["M"]["is_closed"]["BOOL"])
            for page in pages
            for item in page["Items"]
            for one in item["unknown"]["L"]
        )

    def _partition(self, entity: LegalEntity) -> Any:  # noqa: ANN401 - boto3's union of all types of values
        return {"S": f"{self._tenant}#mapping-findings#{entity.legal_entity_id}#{entity.erp.books}"}


def _fields(one: UnknownName) -> dict[str, Any]:
    return {"name": {"S": one.name}, "key": {"S": one.key}, "is_closed": {"BOOL": one.is_closed}}
