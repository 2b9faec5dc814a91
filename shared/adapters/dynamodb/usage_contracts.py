"""The usage contracts of the published catalogue in DynamoDB (port UsageContracts)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.adapters.dynamodb.master_data_keys import POINTER, USAGE_CONTRACTS, VersionKeys, pointer_key
from shared.contracts.usage_event.definition_text import read_definition
from shared.domain.identifiers import CatalogVersion, TenantId
from shared.domain.usage.contract_definition import ContractDefinition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoUsageContracts:
    """A version never changes once it is published, so its contracts are read once."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant
        self._version: CatalogVersion | None = None
        self._contracts: Sequence[ContractDefinition] = ()

    def published(self) -> Sequence[ContractDefinition]:
        answer = self._client.get_item(TableName=self._table, Key=pointer_key(self._tenant), ConsistentRead=True)
        if "Item" not in answer:
            return ()
        version = CatalogVersion(answer["Item"][POINTER]["S"])
        if version != self._version:
            self._contracts = self._read(VersionKeys(self._tenant, version))
            self._version = version
        return self._contracts

    def _read(self, keys: VersionKeys) -> Sequence[ContractDefinition]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": keys.partition(USAGE_CONTRACTS)}},
            ConsistentRead=True,
        )
        return tuple(read_definition(item["body"]["S"]) for page in pages for item in page["Items"])
