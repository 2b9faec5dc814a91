"""Posting intents in DynamoDB (port PostingIntents): an outbox beside the accounting periods that count it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from shared.adapters.dynamodb.accounting_periods import accounting_period_key
from shared.adapters.dynamodb.intents_outbox import (
    IntentsOutbox,
    Item,
    changed_item_write,
    new_item_write,
    open_until_due,
)
from shared.adapters.dynamodb.tax_intents import new_tax_intent_write
from shared.contracts.posting import pack_document, pack_progress, unpack_intent
from shared.domain.identifiers import ExternalRef, PostingId, TenantId
from shared.domain.posting.accounting_period import PeriodStatus, period_name
from shared.domain.posting.intent import PostingIntent
from shared.domain.tax.intent import TaxIntent
from shared.ports.posting_intents import AccountingPeriodClosedError, StaleIntentError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


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
        new_item_write(_item(intent), table=table),
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
    return changed_item_write(_item(intent), table=table)


BY_EXTERNAL_REF = "by-external-ref"


class DynamoPostingIntents:
    """The posting outbox of one tenant."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._items = IntentsOutbox(client, table)
        self._table = table
        self._tenant = tenant

    def read(self, posting_id: PostingId) -> PostingIntent | None:
        item = self._items.read(_intent_key(self._tenant, posting_id))
        return _intent(item) if item else None

    def chain(self, posting_id: PostingId) -> Sequence[PostingIntent]:
        chain: list[PostingIntent] = []
        while (intent := self.read(posting_id)) is not None:
            chain.append(intent)
            if intent.replaced_by is None:
                break
            posting_id = intent.replaced_by
        return chain

    def carrying(self, external_ref: ExternalRef) -> PostingIntent | None:
        key = self._items.key_by(BY_EXTERNAL_REF, "carries", _carries(self._tenant, external_ref))
        item = self._items.read(key) if key else None
        return _intent(item) if item else None

    def listed(self, *, due_by: datetime | None = None) -> Iterator[PostingIntent]:
        yield from map(_intent, self._items.listed(self._tenant, due_by=due_by))

    def save(self, intent: PostingIntent) -> None:
        self._items.put(_item(intent), stale=StaleIntentError(intent.posting_id))

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
        self._items.put_with_period(
            _item(intent),
            period,
            stale=StaleIntentError(intent.posting_id),
            closed=AccountingPeriodClosedError(intent.document.accounting_period),
        )


def _intent_key(tenant: TenantId, posting_id: PostingId) -> Item:
    return {"pk": {"S": f"{tenant}#posting#{posting_id}"}, "sk": {"S": "intent"}}


def _carries(tenant: TenantId, external_ref: ExternalRef) -> str:
    return f"{tenant}#{external_ref}"


def _period_key(intent: PostingIntent) -> Item:
    name = period_name(intent.document.accounting_period, intent.document.kind)
    return accounting_period_key(intent.tenant, intent.legal_entity_id, name)


def _item(intent: PostingIntent) -> Item:
    item: Item = {
        **_intent_key(intent.tenant, intent.posting_id),
        "version": {"N": str(intent.version)},
        "progress": {"S": pack_progress(intent)},
        "document": {"B": pack_document(intent.document)},
        "carries": {"S": _carries(intent.tenant, intent.external_ref)},
    }
    return item | open_until_due(intent.tenant, intent.due_at) if intent.needs_action else item


def _intent(item: Item) -> PostingIntent:
    return unpack_intent(progress=item["progress"]["S"], document=bytes(item["document"]["B"]))
