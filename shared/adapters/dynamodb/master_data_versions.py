"""Write versions of master data to DynamoDB and publish them (port MasterDataVersions)."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from shared.adapters.chunks import bounded_chunks
from shared.adapters.dynamodb.batches import put_all
from shared.adapters.dynamodb.master_data_keys import (
    CHANGES,
    CUSTOMER_IDS,
    EXCHANGE_RATES,
    LEGAL_ENTITIES,
    METERS,
    PLANS,
    POINTER,
    PRODUCERS,
    PRODUCTS,
    TAX_RATES,
    USAGE_CONTRACTS,
    VersionKeys,
    pointer_key,
)
from shared.contracts.catalog import records
from shared.contracts.usage_event.definition_text import definition_text
from shared.domain.identifiers import CatalogVersion, TenantId
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.subjects import accounts_of, holders_by_subject

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

IDS_AN_ITEM = 1_000


class DynamoMasterDataVersions:
    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def current(self) -> CatalogVersion | None:
        answer = self._client.get_item(TableName=self._table, Key=pointer_key(self._tenant), ConsistentRead=True)
        return CatalogVersion(answer["Item"][POINTER]["S"]) if "Item" in answer else None

    def write(self, version: CatalogVersion, catalog: Catalog) -> None:
        put_all(self._client, self._table, _items(VersionKeys(self._tenant, version), catalog))

    def publish(self, version: CatalogVersion, *, amendment_changes: int = 0) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=pointer_key(self._tenant),
                UpdateExpression="SET #version = :version",
                ConditionExpression=(
                    "attribute_not_exists(pk) OR (#version <= :version AND "
                    "(#changes = :changes OR (attribute_not_exists(#changes) AND :changes = :none)))"
                ),
                ExpressionAttributeNames={"#version": POINTER, "#changes": CHANGES},
                ExpressionAttributeValues={
                    ":version": {"S": version},
                    ":changes": {"N": str(amendment_changes)},
                    ":none": {"N": "0"},
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _items(keys: VersionKeys, catalog: Catalog) -> "Iterator[Mapping[str, AttributeValueTypeDef]]":
    for account in accounts_of(catalog):
        yield {**keys.account(account.customer.customer_id), "body": {"S": records.account_text(account)}}
    for subject, holders in holders_by_subject(catalog.customers).items():
        yield {**keys.subject(subject), "body": {"S": records.holders_text(holders)}}
    ids = (customer.customer_id for customer in catalog.customers)
    chunks = bounded_chunks(ids, size_of=lambda _: 1, most_items=IDS_AN_ITEM, most_bytes=IDS_AN_ITEM)
    for number, chunk in enumerate(chunks):
        listed: AttributeValueTypeDef = {"L": [{"S": customer_id} for customer_id in chunk]}
        yield {**_record_key(keys, CUSTOMER_IDS, f"{number:06d}"), "customer_ids": listed}
    for kind, name, text in _records(catalog):
        yield {**_record_key(keys, kind, name), "body": {"S": text}}


def _records(catalog: Catalog) -> Iterator[tuple[str, str, str]]:
    for entity in catalog.legal_entities:
        yield LEGAL_ENTITIES, entity.legal_entity_id, records.legal_entity_text(entity)
    for product in catalog.products:
        yield PRODUCTS, product.product_id, records.product_text(product)
    for meter in catalog.meters:
        yield METERS, meter.code, records.meter_text(meter)
    for plan in catalog.plans:
        yield PLANS, plan.plan_id, records.plan_text(plan)
    for number, rate in enumerate(catalog.tax_rates):
        yield TAX_RATES, f"{number:06d}", records.tax_rate_text(rate)
    for contract in catalog.usage_contracts:
        yield USAGE_CONTRACTS, contract.name, definition_text(contract)
    for number, producer in enumerate(catalog.producers):
        yield PRODUCERS, f"{number:06d}", records.producer_text(producer)
    for number, rates in enumerate(catalog.exchange_rates):
        yield EXCHANGE_RATES, f"{number:06d}", records.exchange_rates_text(rates)


def _record_key(keys: VersionKeys, kind: str, name: str) -> "Mapping[str, AttributeValueTypeDef]":
    return {"pk": {"S": keys.partition(kind)}, "sk": {"S": name}}
