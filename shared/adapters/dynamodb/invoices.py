"""Invoices in DynamoDB (port Invoices): one item a revision, its body compressed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shared.adapters.dynamodb.batches import get_all
from shared.adapters.dynamodb.numbered_documents import NumberedDocuments
from shared.adapters.dynamodb.standings import moved, notes_of_invoice, partition, standing_key, standing_of
from shared.adapters.dynamodb.voids import voids_key, voids_of
from shared.contracts.invoice import pack_stored_invoice, unpack_stored_invoice
from shared.domain.identifiers import ContractId, InvoiceId, LegalEntityId, TenantId
from shared.domain.invoicing.billed_document import BilledDocument, with_before
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.credit_note_issue import issued_in_order
from shared.domain.invoicing.invoice import Invoice, InvoiceRevision, InvoiceState
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.invoicing.revisions import FIRST_REVISION, MOST_REVISIONS
from shared.domain.invoicing.standing import Standing
from shared.domain.posting.intent import PostingIntent
from shared.domain.tax.intent import TaxIntent
from shared.ports.invoices import InvoiceChangedError, StoredInvoice

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef


class DynamoInvoices:
    """The invoices of one tenant. `postings_table` is where their intents go."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, tenant: TenantId, *, postings_table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._tenant = tenant
        self._numbered = NumberedDocuments(dynamodb, table, tenant, postings_table=postings_table)

    def read(self, invoice_id: InvoiceId, revision: int) -> StoredInvoice | None:
        item = self._numbered.read(self._key(invoice_id, revision))
        return _stored(item) if item else None

    def read_many(self, invoice_ids: Collection[InvoiceId], revision: int) -> Mapping[InvoiceId, Invoice]:
        keys = [self._key(invoice_id, revision) for invoice_id in dict.fromkeys(invoice_ids)]
        invoices = (_stored(item).invoice for item in get_all(self._dynamodb, self._table, keys))
        return {invoice.invoice_id: invoice for invoice in invoices}

    def newest(self, invoice_ids: Collection[InvoiceId]) -> Mapping[InvoiceId, Invoice]:
        # Only a voided revision is followed by another, so what is stored of each says whether to read on.
        newest: dict[InvoiceId, Invoice] = {}
        asked = invoice_ids
        for revision in range(FIRST_REVISION, MOST_REVISIONS + 1):
            found = self.read_many(asked, revision) if asked else {}
            newest |= found
            asked = [one for one, invoice in found.items() if invoice.state is InvoiceState.VOIDED]
        return newest

    def documents(self, invoice_ids: Collection[InvoiceId]) -> Mapping[InvoiceId, BilledDocument]:
        found: dict[InvoiceId, BilledDocument] = {}
        asked = invoice_ids
        for revision in range(FIRST_REVISION, MOST_REVISIONS + 1):
            documents = self._documents(asked, revision) if asked else {}
            found |= {one: with_before(found.get(one), of) for one, of in documents.items()}
            asked = [one for one, of in documents.items() if of.invoice.state is InvoiceState.VOIDED]
        return found

    def _documents(self, invoice_ids: Collection[InvoiceId], revision: int) -> Mapping[InvoiceId, BilledDocument]:
        """Read invoices and how they stand in one batch, and the credit notes of those that have any."""
        ids = list(dict.fromkeys(invoice_ids))
        keys = [self._key(one, revision) for one in ids]
        standing_keys = [standing_key(self._tenant, one, revision) for one in ids]
        items = {
            (item["pk"]["S"], item["sk"]["S"]): item
            for item in get_all(self._dynamodb, self._table, [*keys, *standing_keys])
        }
        found = {}
        for one, key, of in zip(ids, keys, standing_keys, strict=True):
            if item := items.get(_names(key)):
                invoice = _stored(item).invoice
                standing = standing_of(one, revision, items.get(_names(of), {}))
                if invoice.consolidated_on is not None:
                    standing = self._standing(invoice.consolidated_on)
                found[one] = BilledDocument(
                    invoice=invoice, standing=standing, credit_notes=self._issued_notes(standing)
                )
        return found

    def _standing(self, of: InvoiceRevision) -> Standing:
        key = standing_key(self._tenant, of.invoice_id, of.revision)
        reply = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return standing_of(of.invoice_id, of.revision, reply.get("Item", {}))

    def _issued_notes(self, of: Standing) -> tuple[CreditNote, ...]:
        if not of.credited:
            return ()
        notes = notes_of_invoice(
            self._dynamodb, self._table, self._tenant, invoice_id=of.invoice_id, revision=of.revision
        )
        return issued_in_order(notes)

    def voids(self, contract_id: ContractId) -> int:
        key = voids_key(self._tenant, contract_id)
        return voids_of(self._numbered.read(key) or {})

    def every(self) -> Iterator[Invoice]:
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="begins_with(pk, :tenant) AND begins_with(sk, :revision) AND attribute_exists(body)",
            ExpressionAttributeValues={":tenant": {"S": f"{self._tenant}#invoice#"}, ":revision": {"S": "r"}},
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield _stored(item).invoice

    def save(self, stored: StoredInvoice) -> None:
        self._numbered.save(self._item(stored), changed=InvoiceChangedError(stored.invoice.invoice_id))

    def series(self, legal_entity_id: LegalEntityId, prefix: str) -> InvoiceSeries:
        return self._numbered.series(legal_entity_id, prefix)

    def issue(
        self,
        stored: StoredInvoice,
        *,
        series: InvoiceSeries,
        intent: PostingIntent,
        tax_intent: TaxIntent | None = None,
        members: Sequence[StoredInvoice] = (),
    ) -> None:
        self._numbered.issue(
            self._item(stored),
            together=[self._item(one) for one in members],
            standings=[self._one_more(one) for one in stored.invoice.rests_on],
            series=series,
            intent=intent,
            tax_intent=tax_intent,
            changed=InvoiceChangedError(stored.invoice.invoice_id),
        )

    def _one_more(self, before: Standing) -> "TransactWriteItemTypeDef":
        after = replace(before, adjusted=before.adjusted + 1)
        return {"Put": moved(before, after, table=self._table, tenant=self._tenant)}

    def write(self, stored: StoredInvoice) -> "PutTypeDef":
        """Return what stores an invoice; it fails unless the stored version is one below."""
        return self._numbered.write(self._item(stored))

    def _item(self, stored: StoredInvoice) -> dict[str, Any]:
        return {
            **self._key(stored.invoice.invoice_id, stored.invoice.revision),
            "version": {"N": str(stored.version)},
            "state": {"S": stored.invoice.state.value},
            "body": {"B": pack_stored_invoice(stored)},
        }

    def _key(self, invoice_id: InvoiceId, revision: int) -> dict[str, Any]:
        return {"pk": partition(self._tenant, invoice_id), "sk": {"S": f"r{revision:03d}"}}


def _names(key: Mapping[str, Any]) -> tuple[str, str]:
    return key["pk"]["S"], key["sk"]["S"]


def _stored(item: Mapping[str, Any]) -> StoredInvoice:
    return unpack_stored_invoice(bytes(item["body"]["B"]))
