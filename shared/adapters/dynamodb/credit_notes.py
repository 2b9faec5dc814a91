"""Credit notes in DynamoDB (port CreditNotes), beside the invoice they credit: an issued invoice itself never changes.

Issuing is one transaction, as it is for invoices, with one entry more: how many credit notes of the invoice are issued.
Two that are issued at once cannot both have worked out what is left.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from shared.adapters.dynamodb.number_series import DynamoNumberSeries
from shared.adapters.dynamodb.posting_intents import new_intent_writes
from shared.contracts.credit_note import pack_stored_credit_note, unpack_stored_credit_note
from shared.domain.identifiers import InvoiceId, LegalEntityId, TenantId
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.posting.intent import PostingIntent
from shared.domain.tax.intent import TaxIntent
from shared.ports.credit_notes import CreditedMeanwhileError, CreditNoteChangedError, StoredCreditNote
from shared.ports.invoices import SeriesMovedError
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
        key = {"pk": self._invoice(invoice_id), "sk": {"S": f"{_notes(revision)}{request_id}"}}
        reply = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _stored(reply["Item"]) if "Item" in reply else None

    def of_invoice(self, invoice_id: InvoiceId, revision: int) -> tuple[CreditNote, ...]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :invoice AND begins_with(sk, :notes)",
            ExpressionAttributeValues={":invoice": self._invoice(invoice_id), ":notes": {"S": _notes(revision)}},
            ConsistentRead=True,
        )
        return tuple(_stored(item).note for page in pages for item in page["Items"])

    def every(self) -> Iterator[CreditNote]:
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="begins_with(pk, :tenant) AND begins_with(sk, :notes)",
            ExpressionAttributeValues={":tenant": {"S": f"{self._tenant}#invoice#"}, ":notes": {"S": "credit#"}},
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield _stored(item).note

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
        issued_before: int,
        series: InvoiceSeries,
        intent: PostingIntent,
        tax_intent: TaxIntent | None = None,
    ) -> None:
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": self._write(stored)},
            self._one_more(stored.note, issued_before),
            self._series.write(series),
            *new_intent_writes(intent, table=self._postings_table, tax_intent=tax_intent),
        ]
        request = stored.note.request
        for tries_left in reversed(range(_MOST_TRIES_ON_CONFLICT)):
            try:
                self._dynamodb.transact_write_items(TransactItems=writes)
            except self._dynamodb.exceptions.TransactionCanceledException as error:
                if self.read(request.invoice_id, request.revision, request.request_id) == stored:
                    return  # our own write, whose reply was lost
                _raise_what_failed(error, stored.note)
                if not tries_left:
                    raise
            else:
                return

    def _write(self, stored: StoredCreditNote) -> "PutTypeDef":
        request = stored.note.request
        put: PutTypeDef = {
            "TableName": self._table,
            "Item": {
                "pk": self._invoice(request.invoice_id),
                "sk": {"S": f"{_notes(request.revision)}{request.request_id}"},
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

    def _one_more(self, note: CreditNote, issued_before: int) -> "TransactWriteItemTypeDef":
        put: PutTypeDef = {
            "TableName": self._table,
            "Item": {
                "pk": self._invoice(note.request.invoice_id),
                "sk": {"S": f"credited#r{note.request.revision:03d}"},
                "issued": {"N": str(issued_before + 1)},
            },
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        if issued_before:
            put["ConditionExpression"] = "issued = :before"
            put["ExpressionAttributeValues"] = {":before": {"N": str(issued_before)}}
        return {"Put": put}

    def _invoice(self, invoice_id: InvoiceId) -> dict[str, str]:
        return {"S": f"{self._tenant}#invoice#{invoice_id}"}


def _notes(revision: int) -> str:
    return f"credit#r{revision:03d}#"


def _raise_what_failed(error: ClientError, note: CreditNote) -> None:
    reasons = cast("dict[str, Any]", error.response).get("CancellationReasons", [])
    codes = [reason.get("Code") for reason in reasons]
    failed = [code == "ConditionalCheckFailed" for code in codes]
    note_failed, credited_failed, series_failed, intent_failed, period_failed, *tax_failed = failed
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


def _stored(item: Mapping[str, Any]) -> StoredCreditNote:
    return unpack_stored_credit_note(bytes(item["note"]["B"]))
