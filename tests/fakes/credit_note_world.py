"""Billing on fakes, with whoever issues credit notes of its invoices."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from functions.issue_credit_note.use_case import CreditNoteIssuer
from shared.domain.metering.aggregate import WindowUsage
from tests.fakes.billing_world import BillingWorld
from tests.fakes.in_memory_credit_notes import InMemoryCreditNotes
from tests.fakes.in_memory_receivables import InMemoryReceivables


class CreditNoteWorld(BillingWorld):
    def __init__(self, *windows: WindowUsage, watch: Callable[[Any], Any] = lambda port: port) -> None:
        super().__init__(*windows, watch=watch)
        self.notes = InMemoryCreditNotes(self.invoices)
        self.receivables = InMemoryReceivables()
        self.asked_for: list[str] = []

    def request(self, what: object, *, after: timedelta = timedelta(0)) -> None:
        """Take every request: of a posting, a tax record, or a document."""
        self.asked_for.append(str(what))

    @property
    def issuer(self) -> CreditNoteIssuer:
        return CreditNoteIssuer(
            notes=self.notes,
            invoices=self.invoices,
            intents=self.invoices.intents,
            receivables=self.receivables,
            master_data=self.master_data,
            document_requests=self,
            posting_requests=self,
            tax_requests=self,
            exceptions=self.exceptions,
            clock=self.clock,
        )
