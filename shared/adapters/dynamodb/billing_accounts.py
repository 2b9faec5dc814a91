"""What bill runs remember of billing accounts in DynamoDB (ports BillingProgresses and ParkedAccounts)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from shared.adapters.dynamodb.batches import get_all, put_all
from shared.contracts.billing_account import dump_parked, dump_progress, read_parked, read_progress
from shared.domain.identifiers import ContractId, InvoiceId, TenantId
from shared.domain.invoicing.billing_progress import BillingProgress, no_progress
from shared.domain.invoicing.parking import ParkedAccount

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, TransactWriteItemTypeDef


class DynamoBillingProgresses:
    """One item a contract, and a second one once a finished period of it was opened again."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._tenant = tenant

    def read_many(self, contract_ids: Collection[ContractId]) -> Mapping[ContractId, BillingProgress]:
        ids = list(dict.fromkeys(contract_ids))
        keys = [key for one in ids for key in (self._key(one), self._reopened_key(one))]
        items = list(get_all(self._dynamodb, self._table, keys))
        stored = [read_progress(item["progress"]["S"]) for item in items if "progress" in item]
        reopened = {
            ContractId(item["contract_id"]["S"]): item["reopened_by"]["S"] for item in items if "reopened_by" in item
        }
        standing = {one.contract_id: one for one in stored if one.reopened_by == reopened.get(one.contract_id, "")}
        return {one: no_progress(one, reopened_by=by) for one, by in reopened.items()} | standing

    def save_many(self, progresses: Sequence[BillingProgress]) -> None:
        put_all(self._dynamodb, self._table, map(self._item, progresses))

    def reopen(self, contract_id: ContractId, *, by: str) -> "TransactWriteItemTypeDef":
        """Return what has the next bill run look at all billing periods of a contract.

        Deleting the progress would not do: a bill run that has looked before may store it after.
        """
        item: dict[str, AttributeValueTypeDef] = {
            **self._reopened_key(contract_id),
            "contract_id": {"S": contract_id},
            "reopened_by": {"S": by},
        }
        return {"Put": {"TableName": self._table, "Item": item}}

    def _item(self, progress: BillingProgress) -> "dict[str, AttributeValueTypeDef]":
        return {**self._key(progress.contract_id), "progress": {"S": dump_progress(progress)}}

    def _key(self, contract_id: ContractId) -> "dict[str, AttributeValueTypeDef]":
        return {"pk": {"S": f"{self._tenant}#billing-progress#{contract_id}"}, "sk": {"S": "billing-progress"}}

    def _reopened_key(self, contract_id: ContractId) -> "dict[str, AttributeValueTypeDef]":
        return {**self._key(contract_id), "sk": {"S": "reopened"}}


class DynamoParkedAccounts:
    """One item an account, all in one partition: they are few, and each bill run reads them all."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._partition = f"{tenant}#parked-accounts"

    def read(self, invoice_id: InvoiceId) -> ParkedAccount | None:
        reply = self._dynamodb.get_item(TableName=self._table, Key=self._key(invoice_id), ConsistentRead=True)
        return read_parked(reply["Item"]["account"]["S"]) if "Item" in reply else None

    def every(self) -> Iterator[ParkedAccount]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": self._partition}},
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield read_parked(item["account"]["S"])

    def save(self, account: ParkedAccount) -> None:
        item = {**self._key(account.invoice_id), "account": {"S": dump_parked(account)}}
        self._dynamodb.put_item(TableName=self._table, Item=item)

    def _key(self, invoice_id: InvoiceId) -> "dict[str, AttributeValueTypeDef]":
        return {"pk": {"S": self._partition}, "sk": {"S": invoice_id}}
