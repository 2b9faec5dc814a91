"""What gets a legal number, in DynamoDB: invoices and credit notes, one item each, fenced by a version.

Issuing is one transaction with the number series, the posting's intent, and how the invoices stand that it rests on.
A write whose reply was lost and that then meets itself is a success: what is stored is compared with what was to be
stored.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from botocore.exceptions import ClientError

from shared.adapters.dynamodb.number_series import DynamoNumberSeries
from shared.adapters.dynamodb.posting_intents import new_intent_writes
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.posting.intent import PostingIntent
from shared.domain.tax.intent import TaxIntent
from shared.ports.invoices import CreditedMeanwhileError, SeriesMovedError
from shared.ports.posting_intents import AccountingPeriodClosedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

Item: TypeAlias = dict[str, Any]

_MOST_TRIES_ON_CONFLICT = 5


class NumberedDocuments:
    """The items of one tenant in one table, each with a `version`. `postings_table` is where intents go."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId, *, postings_table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._postings_table = postings_table
        self._series = DynamoNumberSeries(dynamodb, table, tenant)

    def read(self, key: Item) -> Item | None:
        return self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")

    def series(self, legal_entity_id: LegalEntityId, prefix: str) -> InvoiceSeries:
        return self._series.read(legal_entity_id, prefix)

    def write(self, item: Item) -> "PutTypeDef":
        """Return what stores an item; it fails unless the stored version is one below."""
        before = int(item["version"]["N"]) - 1
        put: PutTypeDef = {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": "version = :expected" if before else "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if before:
            put["ExpressionAttributeValues"] = {":expected": {"N": str(before)}}
        return put

    def save(self, item: Item, *, changed: Exception) -> None:
        """Store an item; raise `changed` unless the stored version is one below."""
        try:
            self._dynamodb.put_item(**self.write(item))
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            if cast("Item", error.response).get("Item") != item:
                raise changed from error

    def issue(
        self,
        item: Item,
        *,
        standings: "Sequence[TransactWriteItemTypeDef]",
        series: InvoiceSeries,
        intent: PostingIntent,
        tax_intent: TaxIntent | None,
        changed: Exception,
        together: Sequence[Item] = (),
    ) -> None:
        """Store an item with its number and all that goes with it, or raise `changed` or what else has moved on.

        Further items are stored with it, `together`, under the same fence.
        Raises CreditedMeanwhileError, SeriesMovedError and AccountingPeriodClosedError.
        """
        puts: list[TransactWriteItemTypeDef] = [{"Put": self.write(one)} for one in (item, *together)]
        writes = [
            *puts,
            *standings,
            self._series.write(series),
            *new_intent_writes(intent, table=self._postings_table, tax_intent=tax_intent),
        ]
        for tries_left in reversed(range(_MOST_TRIES_ON_CONFLICT)):
            try:
                self._dynamodb.transact_write_items(TransactItems=writes)
            except self._dynamodb.exceptions.TransactionCanceledException as error:
                if self.read({"pk": item["pk"], "sk": item["sk"]}) == item:
                    return
                _raise_what_failed(error, intent, changed, puts=len(puts), standings=len(standings))
                if not tries_left:
                    raise
            else:
                return


def _raise_what_failed(
    error: ClientError, intent: PostingIntent, changed: Exception, *, puts: int, standings: int
) -> None:
    reasons = cast("Item", error.response).get("CancellationReasons", [])
    codes = [reason.get("Code") for reason in reasons]
    failed = [code == "ConditionalCheckFailed" for code in codes]
    item_failed, others = any(failed[:puts]), failed[puts:]
    credited_failed, others = any(others[:standings]), others[standings:]
    series_failed, posting_failed, period_failed, *tax_failed = others
    intent_failed = posting_failed or any(tax_failed)
    if item_failed:
        raise changed from error
    if credited_failed:
        raise CreditedMeanwhileError(*changed.args) from error
    if series_failed:
        raise SeriesMovedError(intent.document.human_number) from error
    if period_failed and not intent_failed:
        raise AccountingPeriodClosedError(intent.legal_entity_id) from error
    if intent_failed or "TransactionConflict" not in codes:
        raise error
