"""Billing on fakes whose invoices come to their ERP's ledger, and are credited there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from functions.issue_credit_note.use_case import CreditNoteIssuer
from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.credit_note import CreditNote, CreditPurpose, CreditRequest, LineAmount, LinesCredit
from shared.domain.invoicing.invoice import Invoice
from shared.domain.posting.compose import posting_id
from shared.domain.posting.intent import IntentState
from shared.domain.posting.outcome import ErpRef
from shared.domain.time_period import BillingPeriod
from tests.builders.billing import ACME, contract, euros
from tests.fakes.billing_world import BillingWorld
from tests.fakes.in_memory_credit_notes import InMemoryCreditNotes


class CreditingWorld(BillingWorld):
    """Acme's contract, billed month after month; every invoice is posted at once."""

    def __init__(self) -> None:
        super().__init__()
        self.notes = InMemoryCreditNotes(self.invoices)
        self.asked: list[object] = []

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

    def request(self, what: object) -> None:
        self.asked.append(what)

    def complete(self, state: IntentState = IntentState.POSTED) -> Invoice:
        invoice = super().complete(state)
        intent = self.invoices.intents.read(posting_id(invoice.invoice_id, invoice.revision))
        assert intent is not None
        erp_ref = ErpRef(f"erp-{invoice.number}")
        self.invoices.intents.save(replace(intent, state=state, erp_ref=erp_ref, version=intent.version + 1))
        return invoice

    def select_month(self, month: BillingPeriod) -> None:
        self.account = BillingAccount(
            customer_id=ACME.customer_id, contract_id=contract().contract_id, billing_period=month
        )
        self.usage.sealed = month.end

    def bill(self, month: BillingPeriod) -> Invoice:
        """Run the bill run of the day after the month's last slice was sealed."""
        self.select_month(month)
        self.run((month.end + timedelta(days=2)).replace(hour=6))
        return self.invoice

    def credit(
        self,
        invoice: Invoice,
        amounts: Mapping[str, str],
        purpose: CreditPurpose = CreditPurpose.CORRECTION,
        *,
        request_id: str = "by-hand",
    ) -> CreditNote:
        """Credit amounts of lines by hand."""
        request = CreditRequest(
            request_id=request_id,
            invoice_id=invoice.invoice_id,
            revision=invoice.revision,
            credit=LinesCredit(tuple(LineAmount(name, euros(amount)) for name, amount in amounts.items())),
            reason="calls were counted twice",
            requested_by="dora@nimbus.example",
            requested_at=self.clock.now(),
            purpose=purpose,
        )
        return self.issuer.request(request)
