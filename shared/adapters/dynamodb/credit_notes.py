"""Credit notes in DynamoDB (port CreditNotes), beside the invoice they credit: an issued invoice itself never changes.

With each one that is issued it counts how its invoice stands. Of two that are issued at once, or of one and an invoice
that adjusts, only the first has worked out what is left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.adapters.dynamodb.billing_accounts import DynamoBillingProgresses
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.numbered_documents import Item, NumberedDocuments
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
from shared.adapters.dynamodb.voids import one_more_void
from shared.contracts.credit_note import pack_stored_credit_note
from shared.domain.identifiers import InvoiceId, LegalEntityId, TenantId
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.invoicing.standing import Standing
from shared.domain.posting.intent import PostingIntent
from shared.domain.tax.intent import TaxIntent
from shared.ports.credit_notes import CreditNoteChangedError, StoredCreditNote
from shared.ports.invoices import StoredInvoice

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


class DynamoCreditNotes:
    """The credit notes of one tenant. `postings_table` is where their intents go."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId, *, postings_table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._tenant = tenant
        self._numbered = NumberedDocuments(dynamodb, table, tenant, postings_table=postings_table)
        self._invoices = DynamoInvoices(dynamodb, table, tenant, postings_table=postings_table)
        self._progresses = DynamoBillingProgresses(dynamodb, table, tenant)

    def read(self, invoice_id: InvoiceId, revision: int, request_id: str) -> StoredCreditNote | None:
        item = self._numbered.read(self._key(invoice_id, revision, request_id))
        return stored_note(item) if item else None

    def of_invoice(self, invoice_id: InvoiceId, revision: int) -> tuple[CreditNote, ...]:
        return notes_of_invoice(self._dynamodb, self._table, self._tenant, invoice_id=invoice_id, revision=revision)

    def standing(self, invoice_id: InvoiceId, revision: int) -> Standing:
        item = self._numbered.read(standing_key(self._tenant, invoice_id, revision))
        return standing_of(invoice_id, revision, item or {})

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
        self._numbered.save(self._item(stored), changed=CreditNoteChangedError(stored.note.credit_note_id))

    def series(self, legal_entity_id: LegalEntityId, prefix: str) -> InvoiceSeries:
        return self._numbered.series(legal_entity_id, prefix)

    def issue(
        self,
        stored: StoredCreditNote,
        *,
        rests_on: Sequence[Standing],
        series: InvoiceSeries,
        intent: PostingIntent,
        tax_intent: TaxIntent | None = None,
        voids: StoredInvoice | None = None,
    ) -> None:
        standings = [self._one_more(one) if _is_credited(one, stored.note) else self._still(one) for one in rests_on]
        self._numbered.issue(
            self._item(stored),
            standings=[*standings, *self._void(voids)] if voids else standings,
            series=series,
            intent=intent,
            tax_intent=tax_intent,
            changed=CreditNoteChangedError(stored.note.credit_note_id),
        )

    def _item(self, stored: StoredCreditNote) -> Item:
        request = stored.note.request
        return {
            **self._key(request.invoice_id, request.revision, request.request_id),
            "version": {"N": str(stored.version)},
            "state": {"S": stored.note.state.value},
            "note": {"B": pack_stored_credit_note(stored)},
        }

    def _key(self, invoice_id: InvoiceId, revision: int, request_id: str) -> Item:
        return {"pk": partition(self._tenant, invoice_id), "sk": {"S": f"{notes_prefix(revision)}{request_id}"}}

    def _one_more(self, before: Standing) -> "TransactWriteItemTypeDef":
        after = replace(before, credited=before.credited + 1)
        return {"Put": moved(before, after, table=self._table, tenant=self._tenant)}

    def _void(self, stored: StoredInvoice) -> "list[TransactWriteItemTypeDef]":
        invoice = stored.invoice
        assert invoice.voided is not None, "a void has its number"
        count = one_more_void(invoice.contract_id, invoice.voided.number, table=self._table, tenant=self._tenant)
        looked_at_anew = self._progresses.reopen(invoice.contract_id, by=invoice.voided.by)
        return [{"Put": self._invoices.write(stored)}, {"Put": count}, looked_at_anew]

    def _still(self, standing: Standing) -> "TransactWriteItemTypeDef":
        return {"ConditionCheck": still(standing, table=self._table, tenant=self._tenant)}


def _is_credited(standing: Standing, note: CreditNote) -> bool:
    return (standing.invoice_id, standing.revision) == (note.request.invoice_id, note.request.revision)
