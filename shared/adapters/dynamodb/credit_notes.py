"""Credit notes in DynamoDB (port CreditNotes), beside the invoice they credit: an issued invoice itself never changes.

Issuing is one transaction, as it is for invoices, with one entry more: how the invoice stands. Of two that are issued
at once, or of one and an invoice that adjusts, only the first has worked out what is left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from shared.adapters.dynamodb.number_series import DynamoNumberSeries
from shared.adapters.dynamodb.posting_intents import new_intent_writes
from shared.adapters.dynamodb.standings import (
    moved,
    notes_of_invoice,
    notes_prefix,
    partition,
    standing_key,
    standing_of,
    still,
    stored_note,
)
from shared.contracts.credit_note import pack_stored_credit_note
from shared.domain.identifiers import InvoiceId, LegalEntityId, TenantId
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.invoicing.standing import Standing
from shared.domain.posting.intent import PostingIntent
from shared.domain.tax.intent import TaxIntent
from shared.ports.credit_notes import CreditNoteChangedError, StoredCreditNote
from shared.ports.invoices import CreditedMeanwhileError, SeriesMovedError
from shared.ports.posting_intents import AccountingPeriodClosedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

_MOST_TRIES_ON_CONFLICT = 5


class DynamoCreditNotes:
    """The credit notes of one tenant. `postings_table` is where their intents go."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId, *, postings_table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._postings_table = postings_table
        self._tenant = tenant
        self._series = DynamoNumberSeries(dynamodb, table, tenant)

    def read(self, invoice_id: InvoiceId, revision: int, request_id: str) -> StoredCreditNote | None:
        key = {"pk": partition(self._tenant, invoice_id), "sk": {"S": f"{notes_prefix(revision)}{request_id}"}}
        reply = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return stored_note(reply["Item"]) if "Item" in reply else None

    def of_invoice(self, invoice_id: InvoiceId, revision: int) -> tuple[CreditNote, ...]:
        return notes_of_invoice(self._dynamodb, self._table, self._tenant, invoice_id=invoice_id, revision=revision)

    def standing(self, invoice_id: InvoiceId, revision: int) -> Standing:
        key = standing_key(self._tenant, invoice_id, revision)
        reply = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return standing_of(invoice_id, revision, reply.get("Item", {}))

    def every(self) -> Iterator[CreditNote]:
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="begins_with(pk, :tenant) AND begins_with(sk, :notes)",
            ExpressionAttributeValues={":tenant": {"S": f"{self._tenant}#invoice#"}, ":notes": {"S": "credit#"}},
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield stored_note(item).note

    def save(self, stored: StoredCreditNote) -> None:
        put = self._write(stored)
        try:
            self._dynamodb.put_item(**put)
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            if cast("dict[str, Any]", error.response).get("Item") != put["Item"]:
                raise CreditNoteChangedError(stored.note.credit_note_id) from error

    def series(self, legal_entity_id: LegalEntityId, prefix: str) -> InvoiceSeries:
        return self._series.read(legal_entity_id, prefix)

    def issue(
        self,
        stored: StoredCreditNote,
        *,
        rests_on: Sequence[Standing],
        series: InvoiceSeries,
        intent: PostingIntent,
        tax_intent: TaxIntent | None = None,
    ) -> None:
        request = stored.note.request
        standings = [self._one_more(one) if _is_credited(one, stored.note) else self._still(one) for one in rests_on]
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": self._write(stored)},
            *standings,
            self._series.write(series),
            *new_intent_writes(intent, table=self._postings_table, tax_intent=tax_intent),
        ]
        for tries_left in reversed(range(_MOST_TRIES_ON_CONFLICT)):
            try:
                self._dynamodb.transact_write_items(TransactItems=writes)
            except self._dynamodb.exceptions.TransactionCanceledException as error:
                if self.read(request.invoice_id, request.revision, request.request_id) == stored:
                    return  # our own write, whose reply was lost
                _raise_what_failed(error, stored.note, standings=len(standings))
                if not tries_left:
                    raise
            else:
                return

    def _write(self, stored: StoredCreditNote) -> "PutTypeDef":
        request = stored.note.request
        put: PutTypeDef = {
            "TableName": self._table,
            "Item": {
                "pk": partition(self._tenant, request.invoice_id),
                "sk": {"S": f"{notes_prefix(request.revision)}{request.request_id}"},
                "version": {"N": str(stored.version)},
                "state": {"S": stored.note.state.value},
                "note": {"B": pack_stored_credit_note(stored)},
            },
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if stored.version > 1:
            put["ConditionExpression"] = "version = :expected"
            put["ExpressionAttributeValues"] = {":expected": {"N": str(stored.version - 1)}}
        return put

    def _one_more(self, before: Standing) -> "TransactWriteItemTypeDef":
        after = replace(before, credited=before.credited + 1)
        return {"Put": moved(before, after, table=self._table, tenant=self._tenant)}

    def _still(self, standing: Standing) -> "TransactWriteItemTypeDef":
        return {"ConditionCheck": still(standing, table=self._table, tenant=self._tenant)}


def _is_credited(standing: Standing, note: CreditNote) -> bool:
    return (standing.invoice_id, standing.revision) == (note.request.invoice_id, note.request.revision)


def _raise_what_failed(error: ClientError, note: CreditNote, *, standings: int) -> None:
    reasons = cast("dict[str, Any]", error.response).get("CancellationReasons", [])
    codes = [reason.get("Code") for reason in reasons]
    failed = [code == "ConditionalCheckFailed" for code in codes]
    note_failed, *others = failed
    credited_failed, others = any(others[:standings]), others[standings:]
    series_failed, intent_failed, period_failed, *tax_failed = others
    if note_failed:
        raise CreditNoteChangedError(note.credit_note_id) from error
    if credited_failed:
        raise CreditedMeanwhileError(note.credit_note_id) from error
    if series_failed:
        raise SeriesMovedError(note.number) from error
    if period_failed and not intent_failed:
        raise AccountingPeriodClosedError(note.legal_entity_id) from error
    if intent_failed or any(tax_failed) or "TransactionConflict" not in codes:
        raise error
