"""Billing on fakes with an ERP that posts everything, where invoices are voided and billed anew."""

from dataclasses import replace
from datetime import datetime

from shared.domain.identifiers import InvoiceId, PostingId
from shared.domain.invoicing.credit_note import CreditNote, CreditPurpose, CreditRequest, WholeCredit
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.issuing import ISSUED_STATES
from shared.domain.posting.compose import posting_id
from shared.domain.posting.decisions import given_up_on
from shared.domain.posting.intent import IntentState
from shared.domain.posting.outcome import ErpRef
from shared.ports.invoice_executions import ExecutionStatus
from tests.fakes.credit_note_world import CreditNoteWorld


class VoidingWorld(CreditNoteWorld):
    """Bill runs here walk through every account that they select."""

    def bill(self, as_of: datetime) -> None:
        selection = self.select(as_of)
        self.start(selection)
        for batch in selection.batches:
            for account in self.bill_runs.batch(selection.bill_run_id, batch):
                self.account = account
                self._walk(selection)
        self.executions.end_all(ExecutionStatus.SUCCEEDED)

    def void(self, name: InvoiceId, *, posted: bool = True) -> CreditNote:
        """Void the live revision of an invoice, and have its reversal posted."""
        revision = self.invoices.newest([name])[name].revision
        self.post(posting_id(name, revision))
        note, _ = self.issuer.answer(self.asked(name, revision))
        if posted:
            self.post(PostingId(note.credit_note_id))
        return note

    def asked(self, name: InvoiceId, revision: int = 1) -> CreditRequest:
        return CreditRequest(
            request_id="void",
            invoice_id=name,
            revision=revision,
            credit=WholeCredit(),
            reason="billed by the wrong price",
            requested_by="dora@nimbus.example",
            requested_at=self.clock.now(),
            purpose=CreditPurpose.VOID,
        )

    def post(self, name: PostingId) -> None:
        """Have the ERP take a posting."""
        intents = self.invoices.intents
        intent = intents.read(name)
        assert intent is not None
        if intent.state is not IntentState.POSTED:
            posted = replace(
                intent, state=IntentState.POSTED, erp_ref=ErpRef(f"erp-{name}"), version=intent.version + 1
            )
            intents.settle(posted)

    def give_up(self, name: PostingId) -> None:
        """Have a posting cancelled; that of an invoice was refused before."""
        intents = self.invoices.intents
        intent = intents.read(name)
        assert intent is not None
        intents.settle(given_up_on(intent, "cancelled by fred", now=self.clock.now()))

    def fail(self, name: InvoiceId) -> None:
        """Have an invoice know that it was not posted."""
        stored = self.invoices.read(name, 1)
        assert stored is not None
        failed = replace(stored.invoice, state=InvoiceState.POSTING_FAILED)
        self.invoices.save(replace(stored, invoice=failed, version=stored.version + 1))

    def live(self) -> list[Invoice]:
        """Return the issued invoices that count, by their billing periods."""
        ids = sorted({invoice.invoice_id for invoice in self.invoices.every()})
        newest = self.invoices.newest(ids).values()
        return [invoice for invoice in newest if invoice.state in ISSUED_STATES]
