"""Put another posting in the place of a refused one, or take over the document that a person has booked by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from functions.repair_posting.composing import Composed
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.states import InvoiceTrigger, moved
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.names import PostedName
from shared.domain.posting.outcome import Absent, Ambiguous, ErpRef, Found, LookupFailed, PostedDocument
from shared.domain.posting.repair import Adopted, Repair, RepairRefusedError, Replaced, adopted, replaced, what_differs
from shared.ports.clock import Clock
from shared.ports.erp import Erp, ErpRouting
from shared.ports.invoices import StoredInvoice
from shared.ports.posting_intents import AccountingPeriodClosedError, PostingIntents, StaleIntentError
from shared.ports.posting_repairs import PostingRepairs
from shared.ports.posting_requests import PostingRequests

UNPOSTED_STATES = frozenset({InvoiceState.ISSUED, InvoiceState.POSTING_FAILED})


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
        chain = self.intents.chain(name.first_posting)
        if not chain:
            raise RepairRefusedError(f"nothing was ever to be posted of {name.first_posting}")
        *before, last = chain
        if before and last.state is IntentState.INTENT:
            if send:
                self.requests.request(last.posting_id)
            refused = before[-1]
            differences = what_differs(refused.document, last.document)
            return Replaced(refused=refused, posting=last, differences=differences)
        repair, invoice = self._prepared(name, [*before, _refused(last)], asked_by, may_discard=send)
        if send:
            self._store(repair, invoice)
        return repair

    def _prepared(
        self, name: PostedName, chain: Sequence[PostingIntent], asked_by: str, *, may_discard: bool
    ) -> tuple[Repair, StoredInvoice | None]:
        refused = chain[-1]
        composed = self.compose(name)
        if composed.invoice and composed.invoice.invoice.state not in UNPOSTED_STATES:
            raise RepairRefusedError(f"{name.first_posting} is {composed.invoice.invoice.state}")
        erp = self._erp(refused)
        _require_shown(refused, erp.capabilities(), now=self.clock.now())
        # Whoever books it by hand may do so from an earlier refusal, with the key of that one.
        booked_as = (_booked(one, erp, may_discard=may_discard) for one in reversed(chain))
        booked = next((one for one in booked_as if one is not None), None)
        now = self.clock.now()
        if booked is None:
            return replaced(refused, composed.document, asked_by=asked_by, now=now), composed.invoice
        capabilities = erp.capabilities()
        return adopted(refused, booked, asked_by=asked_by, capabilities=capabilities, now=now), composed.invoice

    def _store(self, repair: Repair, invoice: StoredInvoice | None) -> None:
        try:
            match repair:
                case Replaced():
                    self.repairs.replace(repair, invoice and _issued(invoice))
                    self.requests.request(repair.posting.posting_id)  # the relay's, should we die before it
                case Adopted():
                    self.repairs.adopt(
                        repair, invoice and _changed(invoice, moved(invoice.invoice, InvoiceTrigger.POST))
                    )
                case _ as never:
                    assert_never(never)
        except StaleIntentError as error:
            raise RepairRefusedError(f"somebody else is repairing {error}: ask again") from error
        except AccountingPeriodClosedError as error:
            message = f"accounting period {error} takes nothing new: publish a catalogue that says so, then ask again"
            raise RepairRefusedError(message) from error

    def _erp(self, refused: PostingIntent) -> Erp:
        try:
            return self.erps.erp_for(refused.legal_entity_id)
        except KeyError:
            raise RepairRefusedError(
                f"{refused.legal_entity_id} has no ERP: publish a catalogue that names it"
            ) from None


def _refused(last: PostingIntent) -> PostingIntent:
    if last.state is not IntentState.REJECTED:
        raise RepairRefusedError(f"{last.posting_id} is {last.state}: only what was refused is repaired")
    if not last.answered:
        raise RepairRefusedError(f"{last.posting_id} was refused just now: ask again in a few minutes")
    return last


def _require_shown(refused: PostingIntent, capabilities: Capabilities, *, now: datetime) -> None:
    """Raise RepairRefusedError while the ERP's look-ups may not show yet what the refused attempt has left there."""
    shown_from = (refused.settled_at or refused.created_at) + timedelta(seconds=capabilities.lookup_spacing_seconds)
    if now < shown_from:
        raise RepairRefusedError(f"{refused.posting_id} was refused just now: ask again in a few minutes")


def _booked(refused: PostingIntent, erp: Erp, *, may_discard: bool) -> PostedDocument | None:
    """Return the document if the ERP's ledger has it with our key; a draft of it goes before there is another."""
    found = _found(refused, erp)
    if found is None or found.posted:
        return found
    if not may_discard:
        return None
    erp.discard(found.ref, refused.document.kind)
    left = _found(refused, erp)
    if left is not None and not left.posted:
        message = f"the ERP keeps {_named(left.ref)}, which is not posted: post it or delete it there, then ask again"
        raise RepairRefusedError(message)
    return left


def _found(refused: PostingIntent, erp: Erp) -> PostedDocument | None:
    match erp.locate(refused.external_ref, refused.document.kind):
        case Found(document=document):
            return document
        case Absent():
            return None
        case Ambiguous(refs=refs):
            several = ", ".join(map(_named, refs))
            raise RepairRefusedError(f"the ERP has more than one with its reference: {several}; keep one of them")
        case LookupFailed(reason=reason):
            raise RepairRefusedError(f"the ERP does not say what it has of {refused.posting_id}: {reason}; ask again")
        case _ as never:
            assert_never(never)


def _issued(stored: StoredInvoice) -> StoredInvoice:
    """Return the invoice as issued; its version moves on also if it is, so that nobody marks it refused meanwhile."""
    if stored.invoice.state is InvoiceState.ISSUED:
        return _changed(stored, stored.invoice)
    return _changed(stored, moved(stored.invoice, InvoiceTrigger.REPAIR_POSTING))


def _changed(stored: StoredInvoice, invoice: Invoice) -> StoredInvoice:
    return replace(stored, invoice=invoice, version=stored.version + 1)


def _named(ref: ErpRef) -> str:
    return f"document {ref.value}"
