"""Tax intents in DynamoDB (port TaxIntents), in the table of the postings and beside the periods that count both.

Open ones are found by the sparse index of the postings, under a key of their own; the index only lists candidates.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from shared.adapters.dynamodb.accounting_periods import accounting_period_key
from shared.contracts.tax import pack_documents, pack_progress, unpack_tax_intent
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.tax.intent import TaxIntent, TaxIntentId
from shared.domain.time_period import format_instant
from shared.ports.tax_intents import StaleTaxIntentError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

OPEN_BY_DUE = "open-by-due"
_MAX_CONFLICT_RETRIES = 5  # documents of one accounting period are recorded in parallel
_SAME_VERSION = "version = :expected"


def new_tax_intent_write(intent: TaxIntent, *, table: str) -> "TransactWriteItemTypeDef":
    """Return what the document's own transaction writes; the posting's writes count it in the accounting period."""
    return {"Put": {"TableName": table, "Item": _item(intent), "ConditionExpression": "attribute_not_exists(pk)"}}


class DynamoTaxIntents:
    """What one tenant has to record."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def read(self, tax_intent_id: TaxIntentId) -> TaxIntent | None:
        reply = self._client.get_item(TableName=self._table, Key=_key(self._tenant, tax_intent_id), ConsistentRead=True)
        item = reply.get("Item")
        return _intent(item) if item else None

    def due(self, now: datetime) -> Iterator[TaxIntentId]:
        for intent in self._listed("#open = :tenant AND due <= :now", {":now": {"S": format_instant(now)}}):
            yield intent.tax_intent_id

    def open_of(self, legal_entity_id: LegalEntityId, accounting_period: str) -> Iterator[TaxIntent]:
        for intent in self._listed("#open = :tenant", {}):
            if (intent.legal_entity_id, intent.accounting_period) == (legal_entity_id, accounting_period):
                yield intent

    def save(self, intent: TaxIntent) -> None:
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_item(intent),
                ConditionExpression=_SAME_VERSION,
                ExpressionAttributeValues=_expected(intent),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            # A write whose reply was lost is tried again by the client and then meets itself.
            if cast("dict[str, Any]", error.response).get("Item") != _item(intent):
                raise StaleTaxIntentError(intent.tax_intent_id) from error

    def settle(self, intent: TaxIntent) -> None:
        writes: list[TransactWriteItemTypeDef] = [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": _item(intent),
                    "ConditionExpression": _SAME_VERSION,
                    "ExpressionAttributeValues": _expected(intent),
                }
            },
            {
                "Update": {
                    "TableName": self._table,
                    "Key": accounting_period_key(intent.tenant, intent.legal_entity_id, intent.accounting_period),
                    "UpdateExpression": "ADD unrecorded :minus_one",
                    "ExpressionAttributeValues": {":minus_one": {"N": "-1"}},
                }
            },
        ]
        for retries_left in reversed(range(_MAX_CONFLICT_RETRIES)):
            try:
                self._client.transact_write_items(TransactItems=writes)
            except self._client.exceptions.TransactionCanceledException as error:
                codes = [one.get("Code") for one in cast("dict[str, Any]", error.response)["CancellationReasons"]]
                if codes[0] == "ConditionalCheckFailed":
                    raise StaleTaxIntentError(intent.tax_intent_id) from error
                if "TransactionConflict" not in codes or not retries_left:
                    raise
            else:
                return

    def _listed(self, condition: str, values: dict[str, Any]) -> Iterator[TaxIntent]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=OPEN_BY_DUE,
            KeyConditionExpression=condition,
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={":tenant": {"S": open_key(self._tenant)}, **values},
        )
        for page in pages:
            for item in page["Items"]:
                yield _intent(item)


def open_key(tenant: TenantId) -> str:
    """Return what the index finds open tax intents by; postings are found by the tenant alone."""
    return f"{tenant}#tax"


def _key(tenant: TenantId, tax_intent_id: TaxIntentId) -> dict[str, Any]:
    return {"pk": {"S": f"{tenant}#tax#{tax_intent_id}"}, "sk": {"S": "intent"}}


def _expected(intent: TaxIntent) -> dict[str, Any]:
    return {":expected": {"N": str(intent.version - 1)}}


def _item(intent: TaxIntent) -> dict[str, Any]:
    item: dict[str, Any] = {
        **_key(intent.tenant, intent.tax_intent_id),
        "version": {"N": str(intent.version)},
        "progress": {"S": pack_progress(intent)},
        "documents": {"B": pack_documents(intent)},
    }
    if intent.is_open:
        item |= {"open": {"S": open_key(intent.tenant)}, "due": {"S": format_instant(intent.due_at)}}
    return item


def _intent(item: dict[str, Any]) -> TaxIntent:
    return unpack_tax_intent(progress=item["progress"]["S"], documents=bytes(item["documents"]["B"]))
