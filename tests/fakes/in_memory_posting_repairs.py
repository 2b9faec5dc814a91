"""Repairs of refused postings in memory (port PostingRepairs): all or nothing, as the table's transaction is."""

from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.repair import Adopted, Replaced
from shared.ports.invoices import InvoiceChangedError, Invoices, StoredInvoice
from shared.ports.posting_intents import StaleIntentError
from tests.fakes.in_memory_billing_accounts import InMemoryBillingProgresses
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents


class InMemoryPostingRepairs:
    def __init__(
        self,
        intents: InMemoryPostingIntents,
        invoices: Invoices | None = None,
        progresses: InMemoryBillingProgresses | None = None,
    ) -> None:
        self._intents = intents
        self._invoices = invoices
        self._progresses = progresses or InMemoryBillingProgresses()

    def replace(self, repair: Replaced, invoice: StoredInvoice | None) -> None:
        if self._intents.read(repair.posting.posting_id) == repair.posting:
            return  # a repeat of a write whose reply was lost
        self._require_version(repair.refused)
        if self._intents.read(repair.posting.posting_id) is not None:
            raise StaleIntentError(repair.posting.posting_id)
        self._intents.require_open_period(repair.posting)
        self._save_invoice(invoice)
        self._intents.save(repair.refused)
        self._intents.add(repair.posting)
        if invoice is not None:
            self._progresses.reopen(invoice.invoice.contract_id, by=repair.posting.posting_id)

    def adopt(self, repair: Adopted, invoice: StoredInvoice | None) -> None:
        if self._intents.read(repair.posting.posting_id) == repair.posting:
            return
        self._require_version(repair.posting)
        self._save_invoice(invoice)
        self._intents.save(repair.posting)

    def _require_version(self, changed: PostingIntent) -> None:
        stored = self._intents.read(changed.posting_id)
        if stored is None or stored.version != changed.version - 1:
            raise StaleIntentError(changed.posting_id)

    def _save_invoice(self, invoice: StoredInvoice | None) -> None:
        if invoice is None:
            return
        assert self._invoices is not None
        try:
            self._invoices.save(invoice)
        except InvoiceChangedError as error:
            raise StaleIntentError(invoice.invoice.invoice_id) from error
