"""Put another posting in the place of a refused one, or take over the document that a person has booked by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import assert_never

from functions.repair_posting.composing import Composed, changed, posted
from functions.repair_posting.in_the_erp import (
    NotShownError,
    booked_by_any,
    erp_and_books_of,
    require_here,
    require_shown,
)
from functions.repair_posting.standing import beaten, postings_of, refused_last, require_not_made_there
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.invoicing.states import InvoiceTrigger, moved
from shared.domain.posting.elsewhere import the_one_elsewhere
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.names import PostedName
from shared.domain.posting.repair import Adopted, Repair, RepairRefusedError, Replaced, adopted, replaced, what_differs
from shared.ports.clock import Clock
from shared.ports.erp import ErpRouting
from shared.ports.invoices import StoredInvoice
from shared.ports.posting_intents import AccountingPeriodClosedError, PostingIntents, StaleIntentError
from shared.ports.posting_repairs import PostingRepairs
from shared.ports.posting_requests import PostingRequests


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingRepairer:
    intents: PostingIntents
    repairs: PostingRepairs
    erps: ErpRouting
    requests: PostingRequests
    compose: Callable[[PostedName], Composed]
    clock: Clock

    def repair(self, name: PostedName, *, asked_by: str, send: bool) -> Repair:
        """Return the repair, done if `send` is set or else as it would be. Asked for twice, it is done once.

        Raises RepairRefusedError, with the reason, for what cannot be repaired, or not yet.
        """
        chain = postings_of(name, self.intents)
        *before, last = chain
        if last.state is IntentState.INTENT:
            taken_over = self._taken_over(chain, asked_by, send=send)
            if taken_over is not None:
                return taken_over
        if before and last.state is IntentState.INTENT:
            if send:
                self.requests.request(last.posting_id)
            refused = before[-1]
            differences = what_differs(refused.document, last.document)
            return Replaced(refused=refused, posting=last, differences=differences, is_repeat=True)
        repair, invoice = self._prepared(name, [*before, refused_last(last)], asked_by, may_discard=send)
        if send:
            self._store(repair, invoice)
        return repair

    def _taken_over(self, chain: Sequence[PostingIntent], asked_by: str, *, send: bool) -> Adopted | None:
        """Return an unsent posting whose document the ERP has all the same; None where that is not to be seen."""
        last = chain[-1]
        erp, books = erp_and_books_of(last, self.erps)
        if the_one_elsewhere(chain, books) is not None:
            return None
        try:
            booked = booked_by_any(chain, erp, may_discard=False)
        except NotShownError:
            return None
        if booked is None:
            return None
        capabilities, now = erp.capabilities(), self.clock.now()
        done = adopted(last, booked, books=books, asked_by=asked_by, capabilities=capabilities, now=now)
        if send:
            try:
                self.intents.settle(done.posting)  # whoever waits for it is told, and sees to the invoice
            except StaleIntentError as error:
                raise beaten(error) from error
        return done

    def _prepared(
        self, name: PostedName, chain: Sequence[PostingIntent], asked_by: str, *, may_discard: bool
    ) -> tuple[Repair, StoredInvoice | None]:
        refused = chain[-1]
        composed = self.compose(name)
        erp, books = erp_and_books_of(refused, self.erps)
        require_here(chain, books)
        require_shown(refused, erp.capabilities(), now=self.clock.now())
        booked = booked_by_any(chain, erp, may_discard=may_discard)
        now = self.clock.now()
        if booked is None:
            require_not_made_there(refused)
            return replaced(refused, composed.document, asked_by=asked_by, now=now), composed.invoice
        capabilities = erp.capabilities()
        done = adopted(refused, booked, books=books, asked_by=asked_by, capabilities=capabilities, now=now)
        return done, composed.invoice

    def _store(self, repair: Repair, invoice: StoredInvoice | None) -> None:
        try:
            match repair:
                case Replaced():
                    self.repairs.replace(repair, invoice and _issued(invoice))
                    self.requests.request(repair.posting.posting_id)  # the relay's, should we die before it
                case Adopted():
                    self.repairs.adopt(repair, invoice and posted(invoice))
                case _ as never:
                    assert_never(never)
        except StaleIntentError as error:
            raise beaten(error) from error
        except AccountingPeriodClosedError as error:
            remedy = "publish a catalogue whose `closed_through` includes that month, then ask again"
            raise RepairRefusedError(f"accounting period {error} takes nothing new: {remedy}") from error


def _issued(stored: StoredInvoice) -> StoredInvoice:
    """Return the invoice as issued; its version moves on also if it is, so that nobody marks it refused meanwhile."""
    if stored.invoice.state is InvoiceState.ISSUED:
        return changed(stored, stored.invoice)
    return changed(stored, moved(stored.invoice, InvoiceTrigger.REPAIR_POSTING))
