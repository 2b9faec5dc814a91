"""Invoices in memory (port Invoices): the same fences as the table's."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter

from shared.domain.identifiers import ContractId, InvoiceId, LegalEntityId
from shared.domain.invoicing.billed_document import BilledDocument, with_before
from shared.domain.invoicing.credit_note_issue import issued_in_order
from shared.domain.invoicing.invoice import Invoice
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.invoicing.standing import Standing
from shared.domain.posting.intent import PostingIntent
from shared.domain.tax.intent import TaxIntent
from shared.ports.credit_notes import StoredCreditNote
from shared.ports.invoices import CreditedMeanwhileError, InvoiceChangedError, SeriesMovedError, StoredInvoice
from tests.fakes.in_memory_billing_accounts import InMemoryBillingProgresses
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents
from tests.fakes.in_memory_tax_intents import InMemoryTaxIntents


class InMemoryInvoices:
    def __init__(self) -> None:
        self.intents = InMemoryPostingIntents()
        self.tax_intents = InMemoryTaxIntents(self.intents)
        self.progresses = InMemoryBillingProgresses()
        self.credit_notes: dict[tuple[InvoiceId, int, str], StoredCreditNote] = {}
        self._standings: dict[tuple[InvoiceId, int], Standing] = {}
        self._stored: dict[tuple[InvoiceId, int], StoredInvoice] = {}
        self._series: dict[tuple[LegalEntityId, str], InvoiceSeries] = {}
        self._voids: Counter[ContractId] = Counter()

    def read(self, invoice_id: InvoiceId, revision: int) -> StoredInvoice | None:
        return self._stored.get((invoice_id, revision))

    def read_many(self, invoice_ids: Collection[InvoiceId], revision: int) -> Mapping[InvoiceId, Invoice]:
        found = {one: self._stored.get((one, revision)) for one in invoice_ids}
        return {one: stored.invoice for one, stored in found.items() if stored is not None}

    def newest(self, invoice_ids: Collection[InvoiceId]) -> Mapping[InvoiceId, Invoice]:
        return {
            name: self._stored[name, revision].invoice for name, revision in sorted(self._stored) if name in invoice_ids
        }

    def documents(self, invoice_ids: Collection[InvoiceId]) -> Mapping[InvoiceId, BilledDocument]:
        found: dict[InvoiceId, BilledDocument] = {}
        for (name, _), stored in sorted(self._stored.items(), key=itemgetter(0)):
            if name in invoice_ids:
                found[name] = with_before(found.get(name), self._document(stored.invoice))
        return found

    def voids(self, contract_id: ContractId) -> int:
        return self._voids[contract_id]

    def void(self, stored: StoredInvoice) -> None:
        """Do what the transaction that issues its reversal does."""
        invoice = stored.invoice
        assert invoice.voided is not None
        if self._voids[invoice.contract_id] != invoice.voided.number - 1:
            raise CreditedMeanwhileError(invoice.invoice_id)
        try:
            self.save(stored)
        except InvoiceChangedError as error:
            raise CreditedMeanwhileError(invoice.invoice_id) from error
        self._voids[invoice.contract_id] += 1
        self.progresses.reopen(invoice.contract_id, by=invoice.voided.by)

    def standing(self, invoice_id: InvoiceId, revision: int) -> Standing:
        return self._standings.get((invoice_id, revision), Standing(invoice_id=invoice_id, revision=revision))

    def move(self, before: Standing, after: Standing) -> None:
        """Let an invoice stand otherwise, if it still stands as it was read."""
        if self.standing(before.invoice_id, before.revision) != before:
            raise CreditedMeanwhileError(before.invoice_id)
        self._standings[after.invoice_id, after.revision] = after

    def every(self) -> Iterator[Invoice]:
        return (stored.invoice for stored in self._stored.values())

    def save(self, stored: StoredInvoice) -> None:
        if self._stored.get(_key(stored)) != stored:
            self._require_version(stored)
            self._stored[_key(stored)] = stored

    def series(self, legal_entity_id: LegalEntityId, prefix: str) -> InvoiceSeries:
        fresh = InvoiceSeries(legal_entity_id=legal_entity_id, prefix=prefix)
        return self._series.get((legal_entity_id, prefix), fresh)

    def issue(
        self,
        stored: StoredInvoice,
        *,
        series: InvoiceSeries,
        intent: PostingIntent,
        tax_intent: TaxIntent | None = None,
        members: Sequence[StoredInvoice] = (),
    ) -> None:
        if self._stored.get(_key(stored)) == stored:
            return
        for invoice in (*members, stored):
            self._require_version(invoice)
        if self.series(series.legal_entity_id, series.prefix).last != series.last - 1:
            raise SeriesMovedError(series.last_number)
        for one in stored.invoice.rests_on:
            self.move(one, one)
        for one in stored.invoice.rests_on:
            self.move(one, replace(one, adjusted=one.adjusted + 1))
        self.intents.add(intent)
        if tax_intent is not None:
            self.tax_intents.add(tax_intent)
        self._stored |= {_key(one): one for one in (*members, stored)}
        self._series[series.legal_entity_id, series.prefix] = series

    def _document(self, invoice: Invoice) -> BilledDocument:
        on = invoice.consolidated_on
        of = (on.invoice_id, on.revision) if on else (invoice.invoice_id, invoice.revision)
        notes = (stored.note for key, stored in self.credit_notes.items() if key[:2] == of)
        return BilledDocument(invoice=invoice, standing=self.standing(*of), credit_notes=issued_in_order(notes))

    def _require_version(self, stored: StoredInvoice) -> None:
        before = self._stored.get(_key(stored))
        if (before.version if before else 0) != stored.version - 1:
            raise InvoiceChangedError(stored.invoice.invoice_id)


def _key(stored: StoredInvoice) -> tuple[InvoiceId, int]:
    return stored.invoice.invoice_id, stored.invoice.revision
