"""Billing on fakes with an ERP that posts everything, where invoices are voided and billed anew."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.issue_credit_note.use_case import CreditNoteIssuer
from shared.domain.identifiers import InvoiceId, PostingId
from shared.domain.invoicing.credit_note import CreditNote, CreditPurpose, CreditRequest, WholeCredit
from shared.domain.invoicing.invoice import Invoice
from shared.domain.invoicing.issuing import ISSUED_STATES
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.posting.compose import posting_id
from shared.domain.posting.intent import IntentState
from shared.domain.posting.outcome import ErpRef
from shared.ports.invoice_executions import ExecutionStatus
from tests.fakes.billing_world import BillingWorld
from tests.fakes.in_memory_credit_notes import InMemoryCreditNotes


class VoidingWorld(BillingWorld):
    """Bill runs here walk through every account that they select."""

    def __init__(self, *windows: WindowUsage, watch: Callable[[Any], Any] = lambda port: port) -> None:
        super().__init__(*windows, watch=watch)
        self.notes = InMemoryCreditNotes(self.invoices)
        self.asked_for: list[str] = []

    def request(self, what: object) -> None:
        """Take every request: of a posting, a tax record, or a document."""
        self.asked_for.append(str(what))

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

    @property
    def issuer(self) -> CreditNoteIssuer:
        return CreditNoteIssuer(
            notes=self.notes,
            invoices=self.invoices,
            intents=self.invoices.intents,
            master_data=self.master_data,
            document_requests=self,
            posting_requests=self,
            tax_requests=self,
            exceptions=self.exceptions,
            clock=self.clock,
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

    def live(self) -> list[Invoice]:
        """Return the issued invoices that count, by their billing periods."""
        ids = sorted({invoice.invoice_id for invoice in self.invoices.every()})
        newest = self.invoices.newest(ids).values()
        return [invoice for invoice in newest if invoice.state in ISSUED_STATES]
