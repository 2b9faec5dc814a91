"""Tax intents in DynamoDB (port TaxIntents), in the outbox of the postings and beside the periods that count both."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from shared.adapters.dynamodb.accounting_periods import accounting_period_key
from shared.adapters.dynamodb.intents_outbox import IntentsOutbox, Item, new_item_write, open_until_due
from shared.contracts.tax import pack_documents, pack_progress, unpack_tax_intent
from shared.domain.identifiers import TenantId
from shared.domain.tax.intent import TaxIntent, TaxIntentId
from shared.ports.tax_intents import StaleTaxIntentError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


def new_tax_intent_write(intent: TaxIntent, *, table: str) -> "TransactWriteItemTypeDef":
    """Return what the document's own transaction writes; the posting's writes count it in the accounting period."""
    return new_item_write(_item(intent), table=table)


class DynamoTaxIntents:
    """What one tenant has to record."""

    def __init__(self, client: "DynamoDBClient", table: str, tenant: TenantId) -> None:
        self._items = IntentsOutbox(client, table)
        self._table = table
        self._tenant = tenant

    def read(self, tax_intent_id: TaxIntentId) -> TaxIntent | None:
        item = self._items.read(_key(self._tenant, tax_intent_id))
        return _intent(item) if item else None

    def due(self, now: datetime) -> Iterator[TaxIntentId]:
        for item in self._items.listed(open_key(self._tenant), due_by=now):
            yield _intent(item).tax_intent_id

    def save(self, intent: TaxIntent) -> None:
        self._items.put(_item(intent), stale=StaleTaxIntentError(intent.tax_intent_id))

    def settle(self, intent: TaxIntent) -> None:
        one_less: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self._table,
                "Key": accounting_period_key(intent.tenant, intent.legal_entity_id, intent.accounting_period),
                "UpdateExpression": "ADD unrecorded :minus_one",
                "ExpressionAttributeValues": {":minus_one": {"N": "-1"}},
            }
        }
        self._items.put_with_period(_item(intent), one_less, stale=StaleTaxIntentError(intent.tax_intent_id))


def open_key(tenant: TenantId) -> str:
    """Return what the index finds open tax intents by; postings are found by the tenant alone."""
    return f"{tenant}#tax"


def _key(tenant: TenantId, tax_intent_id: TaxIntentId) -> Item:
    return {"pk": {"S": f"{tenant}#tax#{tax_intent_id}"}, "sk": {"S": "intent"}}


def _item(intent: TaxIntent) -> Item:
    item: Item = {
        **_key(intent.tenant, intent.tax_intent_id),
        "version": {"N": str(intent.version)},
        "progress": {"S": pack_progress(intent)},
        "documents": {"B": pack_documents(intent)},
    }
    return item | open_until_due(open_key(intent.tenant), intent.due_at) if intent.is_open else item


def _intent(item: Item) -> TaxIntent:
    return unpack_tax_intent(progress=item["progress"]["S"], documents=bytes(item["documents"]["B"]))
