"""Posting intents in DynamoDB (port PostingIntents), beside the accounting periods that count them.

Intents are found by a sparse index while anything is left to do with them; the index only lists candidates.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from shared.adapters.dynamodb.accounting_periods import accounting_period_key
from shared.adapters.dynamodb.tax_intents import new_tax_intent_write
from shared.contracts.posting import pack_document, pack_progress, unpack_intent
from shared.domain.identifiers import PostingId, TenantId
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.intent import PostingIntent
from shared.domain.tax.intent import TaxIntent
from shared.domain.time_period import format_instant
from shared.ports.posting_intents import AccountingPeriodClosedError, StaleIntentError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

OPEN_BY_DUE = "open-by-due"
_MAX_CONFLICT_RETRIES = 5  # invoices issued in parallel touch the same accounting period
_SAME_VERSION = "version = :expected"


def new_intent_writes(
    intent: PostingIntent, *, table: str, tax_intent: TaxIntent | None = None
) -> list["TransactWriteItemTypeDef"]:
    """Return what the transaction that issues an invoice writes of its posting: the intent and the period's count.

    The first entry fails if the posting exists, the second if its accounting period takes no new postings. With a tax
    intent, the period counts it too and a third entry writes it.
    """
    counted = "ADD unsettled :one" if tax_intent is None else "ADD unsettled :one, unrecorded :one"
    tax = [] if tax_intent is None else [new_tax_intent_write(tax_intent, table=table)]
    return [
        {"Put": {"TableName": table, "Item": _item(intent), "ConditionExpression": "attribute_not_exists(pk)"}},
        {
            "Update": {
                "TableName": table,
                "Key": _period_key(intent),
                "UpdateExpression": counted,
                "ConditionExpression": "attribute_not_exists(period_status) OR period_status = :open",
                "ExpressionAttributeValues": {":one": {"N": "1"}, ":open": {"S": PeriodStatus.OPEN.value}},
            }
        },
        *tax,
    ]


def changed_intent_write(intent: PostingIntent, *, table: str) -> "TransactWriteItemTypeDef":
    """Return what stores an intent; it fails unless the stored version is one below."""
    return {
        "Put": {
            "TableName": table,
            "Item": _item(intent),
            "ConditionExpression": _SAME_VERSION,
            "ExpressionAttributeValues": _expected(intent),
        }
    }


class DynamoPostingIntents:
    """The posting outbox of one tenant."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._client = client
        self._table = table
        self._tenant = tenant

    def read(self, posting_id: PostingId) -> PostingIntent | None:
        reply = self._client.get_item(
            TableName=self._table, Key=_intent_key(self._tenant, posting_id), ConsistentRead=True
        )
        item = reply.get("Item")
        return _intent(item) if item else None

    def chain(self, posting_id: PostingId) -> Sequence[PostingIntent]:
        chain: list[PostingIntent] = []
        while (intent := self.read(posting_id)) is not None:
            chain.append(intent)
            if intent.replaced_by is None:
                break
            posting_id = intent.replaced_by
        return chain

    def due(self, now: datetime) -> Iterator[PostingId]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=OPEN_BY_DUE,
            KeyConditionExpression="#open = :tenant AND due <= :now",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={":tenant": {"S": self._tenant}, ":now": {"S": format_instant(now)}},
        )
        for page in pages:
            for item in page["Items"]:
                yield _intent(item).posting_id

    def save(self, intent: PostingIntent) -> None:
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
                raise StaleIntentError(intent.posting_id) from error

    def start_sending(self, intent: PostingIntent) -> None:
        period_is_not_closed: TransactWriteItemTypeDef = {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": _period_key(intent),
                "ConditionExpression": "attribute_not_exists(period_status) OR period_status <> :closed",
                "ExpressionAttributeValues": {":closed": {"S": PeriodStatus.CLOSED.value}},
            }
        }
        self._write(intent, period_is_not_closed)

    def settle(self, intent: PostingIntent) -> None:
        one_less: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self._table,
                "Key": _period_key(intent),
                "UpdateExpression": "ADD unsettled :minus_one",
                "ExpressionAttributeValues": {":minus_one": {"N": "-1"}},
            }
        }
        self._write(intent, one_less)

    def _write(self, intent: PostingIntent, period: "TransactWriteItemTypeDef") -> None:
        put = changed_intent_write(intent, table=self._table)
        for retries_left in reversed(range(_MAX_CONFLICT_RETRIES)):
            try:
                self._client.transact_write_items(TransactItems=[put, period])
            except self._client.exceptions.TransactionCanceledException as error:
                _raise_what_failed(error, intent)
                if not retries_left:
                    raise
            else:
                return


def _raise_what_failed(error: ClientError, intent: PostingIntent) -> None:
    reasons = cast("dict[str, Any]", error.response).get("CancellationReasons", [])
    intent_failed, period_failed = (reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)
    if intent_failed:
        raise StaleIntentError(intent.posting_id) from error
    if period_failed:
        raise AccountingPeriodClosedError(intent.document.accounting_period) from error
    if not any(reason.get("Code") == "TransactionConflict" for reason in reasons):
        raise error


def _intent_key(tenant: TenantId, posting_id: PostingId) -> dict[str, Any]:
    return {"pk": {"S": f"{tenant}#posting#{posting_id}"}, "sk": {"S": "intent"}}


def _period_key(intent: PostingIntent) -> dict[str, Any]:
    return accounting_period_key(intent.tenant, intent.legal_entity_id, intent.document.accounting_period)


def _expected(intent: PostingIntent) -> dict[str, Any]:
    return {":expected": {"N": str(intent.version - 1)}}


def _item(intent: PostingIntent) -> dict[str, Any]:
    item: dict[str, Any] = {
        **_intent_key(intent.tenant, intent.posting_id),
        "version": {"N": str(intent.version)},
        "progress": {"S": pack_progress(intent)},
        "document": {"B": pack_document(intent.document)},
    }
    if intent.needs_action:
        item |= {"open": {"S": intent.tenant}, "due": {"S": format_instant(intent.due_at)}}
    return item


def _intent(item: dict[str, Any]) -> PostingIntent:
    return unpack_intent(progress=item["progress"]["S"], document=bytes(item["document"]["B"]))
