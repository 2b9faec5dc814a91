"""Holds on customers' invoices, in the metering ledger's table: one item per customer and month."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.domain.identifiers import CustomerId, TenantId

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, UniversalAttributeValueTypeDef


class DynamoUsageHolds:
    """Port UsageHolds. Reasons are string sets, so that placing and releasing twice change nothing."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def place(self, customer_id: CustomerId, period_name: str, reason: str) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._key(customer_id, period_name),
                UpdateExpression="ADD reasons :reasons",
                ConditionExpression="NOT contains(released, :reason)",
                ExpressionAttributeValues={":reasons": {"SS": [reason]}, ":reason": {"S": reason}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # a person has looked at this very reason and released it

    def release(self, customer_id: CustomerId, period_name: str, reason: str) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=self._key(customer_id, period_name),
            UpdateExpression="DELETE reasons :reasons ADD released :reasons",
            ExpressionAttributeValues={":reasons": {"SS": [reason]}},
        )

    def reasons(self, customer_id: CustomerId, *period_names: str) -> tuple[str, ...]:
        return tuple(sorted({reason for name in period_names for reason in self._reasons_of(customer_id, name)}))

    def _reasons_of(self, customer_id: CustomerId, period_name: str) -> tuple[str, ...]:
        answer = self._client.get_item(
            TableName=self._table, Key=self._key(customer_id, period_name), ConsistentRead=True
        )
        return _reasons(answer.get("Item", {}))

    def held(self, period_name: str) -> Mapping[CustomerId, tuple[str, ...]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": self._partition(period_name)}},
            ConsistentRead=True,
        )
        items = (item for page in pages for item in page["Items"])
        by_customer = {CustomerId(item["sk"]["S"]): _reasons(item) for item in items}
        return {customer_id: reasons for customer_id, reasons in by_customer.items() if reasons}

    def _partition(self, period_name: str) -> str:
        return f"{self._tenant}#hold#{period_name}"

    def _key(self, customer_id: CustomerId, period_name: str) -> "dict[str, UniversalAttributeValueTypeDef]":
        return {"pk": {"S": self._partition(period_name)}, "sk": {"S": customer_id}}


def _reasons(item: "Mapping[str, AttributeValueTypeDef]") -> tuple[str, ...]:
    return tuple(sorted(item["reasons"]["SS"])) if "reasons" in item else ()
