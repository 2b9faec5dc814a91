"""Credit notes in memory (port CreditNotes): the same fences as the table's."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from shared.domain.identifiers import InvoiceId, LegalEntityId
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.invoicing.standing import Standing
from shared.domain.posting.intent import PostingIntent
from shared.domain.tax.intent import TaxIntent
from shared.ports.credit_notes import CreditNoteChangedError, StoredCreditNote
from shared.ports.invoices import SeriesMovedError, StoredInvoice
from tests.fakes.in_memory_invoices import InMemoryInvoices


class InMemoryCreditNotes:
    def __init__(self, invoices: InMemoryInvoices | None = None) -> None:
        self.invoices = invoices or InMemoryInvoices()
        self.intents = self.invoices.intents
        self.tax_intents: list[TaxIntent] = []
        self._stored = self.invoices.credit_notes
        self._series: dict[tuple[LegalEntityId, str], InvoiceSeries] = {}

    def read(self, invoice_id: InvoiceId, revision: int, request_id: str) -> StoredCreditNote | None:
        return self._stored.get((invoice_id, revision, request_id))

    def of_invoice(self, invoice_id: InvoiceId, revision: int) -> tuple[CreditNote, ...]:
        keys = sorted(key for key in self._stored if key[:2] == (invoice_id, revision))
        return tuple(self._stored[key].note for key in keys)

    def standing(self, invoice_id: InvoiceId, revision: int) -> Standing:
        return self.invoices.standing(invoice_id, revision)

    def every(self) -> Iterator[CreditNote]:
        return (stored.note for stored in self._stored.values())

    def save(self, stored: StoredCreditNote) -> None:
        if self._stored.get(_key(stored)) != stored:
            self._require_version(stored)
            self._stored[_key(stored)] = stored

    def series(self, legal_entity_id: LegalEntityId, prefix: str) -> InvoiceSeries:
        fresh = InvoiceSeries(legal_entity_id=legal_entity_id, prefix=prefix)
        return self._series.get((legal_entity_id, prefix), fresh)

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
        if self._stored.get(_key(stored)) == stored:
            return
        self._require_version(stored)
        for one in rests_on:
            self.invoices.move(one, one)
        if self.series(series.legal_entity_id, series.prefix).last != series.last - 1:
            raise SeriesMovedError(series.last_number)
        self.intents.require_open_period(intent)
        for one in rests_on:
            if (one.invoice_id, one.revision) == _key(stored)[:2]:
                self.invoices.move(one, replace(one, credited=one.credited + 1))
        if voids is not None:
            self.invoices.void(voids)
        self.intents.add(intent)
        self.tax_intents += [tax_intent] if tax_intent else []
        self._stored[_key(stored)] = stored
        self._series[series.legal_entity_id, series.prefix] = series

    def _require_version(self, stored: StoredCreditNote) -> None:
        before = self._stored.get(_key(stored))
        if (before.version if before else 0) != stored.version - 1:
            raise CreditNoteChangedError(stored.note.credit_note_id)


def _key(stored: StoredCreditNote) -> tuple[InvoiceId, int, str]:
    request = stored.note.request
    return request.invoice_id, request.revision, request.request_id
