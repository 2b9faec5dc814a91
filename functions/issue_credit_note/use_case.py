"""Credit an issued invoice: number, date, posting intent and tax intent in one transaction, or nothing.

A credit is known by its request: asked for twice, it is issued once. The invoice is posted before its credit is issued.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from functions.issue_credit_note.crediting import Crediting, NothingToCreditError, crediting, what_does_not_fit
from functions.issue_credit_note.voiding import as_voided, require_voidable
from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.identifiers import InvoiceId, PostingId
from shared.domain.invoice_document.document import DocumentId
from shared.domain.invoicing.credit_note import (
    CreditDecision,
    CreditNote,
    CreditNoteState,
    CreditPreview,
    CreditPurpose,
    CreditRequest,
)
from shared.domain.invoicing.credit_note_issue import approval_pending, decided, drafted, numbered, why_approval
from shared.domain.invoicing.crediting import CreditRefusedError
from shared.domain.invoicing.issuing import REVERSED_STATES
from shared.domain.invoicing.numbering import advanced
from shared.domain.posting.compose import posting_id
from shared.domain.posting.intent import PostingIntent, new_intent
from shared.domain.receivables.credited_there import credited_beyond, credited_here, why_not_credited_too
from shared.domain.tax.intent import TaxIntentId
from shared.ports.clock import Clock
from shared.ports.credit_notes import CreditNoteChangedError, CreditNotes, StoredCreditNote
from shared.ports.exceptions import ExceptionReporter
from shared.ports.invoice_documents import DocumentRequests
from shared.ports.invoices import CreditedMeanwhileError, Invoices, SeriesMovedError
from shared.ports.master_data import MasterData
from shared.ports.posting_intents import AccountingPeriodClosedError, PostingIntents
from shared.ports.posting_requests import PostingRequests
from shared.ports.receivables import Receivables
from shared.ports.tax_intents import TaxRequests

MOST_TRIES = 10  # other credit notes of the series, or of the invoice, are issued at the same time


class CreditContendedError(Exception):
    """Others were faster every time; a retry after a pause is the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteIssuer:
    """Every method raises CreditRefusedError, with the reason, for what cannot be; nothing is issued then."""

    notes: CreditNotes
    invoices: Invoices
    intents: PostingIntents
    receivables: Receivables
    master_data: MasterData
    document_requests: DocumentRequests
    posting_requests: PostingRequests
    tax_requests: TaxRequests
    exceptions: ExceptionReporter
    clock: Clock

    def answer(self, asked: CreditPreview | CreditRequest | CreditDecision) -> tuple[CreditNote, str]:
        """Return the credit note as it is then, and why it waits, or would wait, for an approver.

        Where the accounting period takes nothing new an approval stays: asked again once it does, it is issued.
        """
        try:
            return self._answered(asked)
        except AccountingPeriodClosedError as closed:
            remedy = "publish a catalogue whose `closed_through` includes that month, then ask again"
            raise CreditRefusedError(f"accounting period {closed} takes nothing new: {remedy}") from closed

    def _answered(self, asked: CreditPreview | CreditRequest | CreditDecision) -> tuple[CreditNote, str]:
        match asked:
            case CreditPreview(request=request):
                return self.preview(request)
            case CreditRequest():
                return self.request(asked), ""
            case CreditDecision():
                return self.decide(asked), ""
            case _ as never:
                assert_never(never)

    def preview(self, request: CreditRequest) -> tuple[CreditNote, str]:
        """Return the credit note that would come of a request, and why it would wait for an approver; store nothing."""
        known = self._known(request)
        if known is not None:
            return known.note, ""
        of = self._crediting(request.invoice_id, request.revision)
        note = self._drafted(request, of)
        return note, why_approval(note.credited.gross, of.entity.approval)

    def request(self, request: CreditRequest) -> CreditNote:
        """Return the issued credit note, or the one that waits for its approver."""
        known = self._known(request)
        of = self._crediting(request.invoice_id, request.revision)
        stored = known or StoredCreditNote(note=self._drafted(request, of), version=0)
        if stored.note.state is not CreditNoteState.AWAITING_APPROVAL:
            return self._told(stored)
        why = why_approval(stored.note.credited.gross, of.entity.approval)
        if not why and stored.note.approval is None:
            return self._issue(stored, of)
        if known is None:
            stored = replace(stored, version=1)
            self.notes.save(stored)
        if stored.note.approval is None and of.entity.approval is not None:
            record = approval_pending(stored.note, why, of.entity.approval, raised_at=self.clock.now())
            self.exceptions.report([record])
        return stored.note

    def decide(self, asked: CreditDecision) -> CreditNote:
        """Return the credit note as decided: issued, or rejected. The same decision again changes nothing."""
        stored = self.notes.read(asked.invoice_id, asked.revision, asked.request_id)
        if stored is None:
            raise CreditRefusedError(f"nobody has asked for the credit {asked.request_id} of {asked.invoice_id}")
        of = self._crediting(asked.invoice_id, asked.revision)
        note = decided(stored.note, asked.decision, of.entity.approval)
        if note != stored.note:
            stored = StoredCreditNote(note=note, version=stored.version + 1)
            self.notes.save(stored)
        if note.state is not CreditNoteState.AWAITING_APPROVAL:
            return self._told(stored)
        try:
            return self._issue(stored, of)
        except CreditRefusedError as refusal:
            refused = replace(note, state=CreditNoteState.REFUSED)
            self.notes.save(StoredCreditNote(note=refused, version=stored.version + 1))
            self._settle(refused, f"refused: {refusal}")
            raise

    def _issue(self, stored: StoredCreditNote, of: Crediting) -> CreditNote:
        for _ in range(MOST_TRIES):
            voids_before = self.invoices.voids(of.invoice.contract_id)
            note = self._note(stored.note.request, of)
            if stored.version and note.credited != stored.note.credited:
                raise CreditRefusedError(f"another credit of {note.invoice_number} was issued since: ask for it again")
            now = self.clock.now()
            series = self.notes.series(of.entity.legal_entity_id, of.entity.credit_note_prefix)
            series = advanced(series, today=of.entity.day_of(now))
            note = numbered(replace(note, approval=stored.note.approval), series)
            _require_fit(note, of)
            document = of.posting(note)
            tax_intent = of.tax_intent(note, document, now=now)
            issued = StoredCreditNote(note=note, version=stored.version + 1)
            try:
                self.notes.issue(
                    issued,
                    rests_on=note.request.rests_on or (of.standing,),
                    series=series,
                    intent=new_intent(
                        document,
                        created_at=now,
                        on_closed_period=of.entity.on_closed_period,
                        made_in_erp=note.request.made_in_erp,
                    ),
                    tax_intent=tax_intent,
                    voids=as_voided(of, note, voids_before=voids_before) if _voids(note.request) else None,
                )
            except SeriesMovedError:
                continue
            except CreditedMeanwhileError:
                if note.request.rests_on:
                    raise CreditRefusedError(f"what {note.credit_note_id} rests on has changed since") from None
                of = self._crediting(note.request.invoice_id, note.request.revision)
                continue
            except CreditNoteChangedError:
                known = self._known(stored.note.request)  # a twin's write
                if known is not None and known.note.state is not CreditNoteState.AWAITING_APPROVAL:
                    return self._told(known)
                raise
            return self._told(issued, has_tax_intent=tax_intent is not None)
        raise CreditContendedError(stored.note.credit_note_id)

    def _told(self, stored: StoredCreditNote, *, has_tax_intent: bool = False) -> CreditNote:
        """Ask for document and posting, and close what was open about the note.

        Whoever dies before the posting was asked for has the relay ask for both.
        """
        note = stored.note
        if note.state is CreditNoteState.ISSUED:
            asked = note.request
            self.document_requests.request(DocumentId(asked.invoice_id, asked.revision, asked.request_id))
            self.posting_requests.request(PostingId(note.credit_note_id))
            if has_tax_intent:
                self.tax_requests.request(TaxIntentId(note.credit_note_id))
            if _voids(asked):
                self._settle_voided_there(note)
            if asked.made_in_erp:
                self._settle_credited_there(note)
        if note.approval is not None:
            self._settle(note, f"{note.state} after {note.approval.decided_by} decided")
        elif stored.version > 1:
            self._settle(note, f"{note.state}: by the policy of now it needs no approver")
        return note

    def _settle_voided_there(self, note: CreditNote) -> None:
        """Close what was found before the void was issued: asked for again, it closes nothing that was found since."""
        voids = self.intents.chain(PostingId(note.credit_note_id))[0]
        voided_there = exception_id(ExceptionCode.VOIDED_IN_ERP, self._posting(note.request).posting_id)
        self.exceptions.resolve(voided_there, f"voided here too, by {note.credit_note_id}", voids.created_at)

    def _settle_credited_there(self, note: CreditNote) -> None:
        """Close what was found of a credit in the ERP, once all of it is recorded here."""
        posting = self._posting(note.request)
        told = self.receivables.read(posting.legal_entity_id, posting.posting_id)
        here = credited_here(self._issued(note.request), note.credited.gross.currency)
        if told is not None and not credited_beyond(told, here).amount:
            credited_there = exception_id(ExceptionCode.CREDITED_IN_ERP, posting.posting_id)
            self.exceptions.resolve(credited_there, f"recorded here, by {note.credit_note_id}", self.clock.now())

    def _posting(self, request: CreditRequest) -> PostingIntent:
        return self.intents.chain(posting_id(request.invoice_id, request.revision))[-1]

    def _settle(self, note: CreditNote, how: str) -> None:
        pending = exception_id(ExceptionCode.CREDIT_NOTE_PENDING, note.credit_note_id)
        self.exceptions.resolve(pending, how, self.clock.now())

    def _known(self, request: CreditRequest) -> StoredCreditNote | None:
        stored = self.notes.read(request.invoice_id, request.revision, request.request_id)
        if stored is not None and stored.note.request != replace(
            request, requested_at=stored.note.request.requested_at
        ):
            raise CreditRefusedError(f"request {request.request_id} was for another credit; a new one needs a new id")
        return stored

    def _drafted(self, request: CreditRequest, of: Crediting) -> CreditNote:
        note = self._note(request, of)
        _require_fit(note, of)
        return note

    def _note(self, request: CreditRequest, of: Crediting) -> CreditNote:
        if _voids(request):
            require_voidable(of)
        elif of.invoice_in_erp is None:
            raise CreditRefusedError(f"the posting of {of.invoice.number} was cancelled: void it")
        elif of.invoice.state in REVERSED_STATES:
            following = of.invoice.revision + 1
            raise CreditRefusedError(f"{of.invoice.number} is voided: credit what bills it anew, revision {following}")
        issued = self._issued(request)
        note = drafted(request, of.invoice, [one.credited for one in issued], lowered=of.taken_off(request))
        if of.receivable is not None and not request.made_in_erp:
            here = credited_here(issued, of.invoice.gross.currency)
            if why := why_not_credited_too(of.receivable, here, note.credited.gross):
                raise CreditRefusedError(why)
        return note

    def _issued(self, request: CreditRequest) -> list[CreditNote]:
        notes = self.notes.of_invoice(request.invoice_id, request.revision)
        return [note for note in notes if note.state is CreditNoteState.ISSUED]

    def _crediting(self, invoice_id: InvoiceId, revision: int) -> Crediting:
        try:
            return crediting(
                invoice_id,
                revision,
                notes=self.notes,
                invoices=self.invoices,
                intents=self.intents,
                receivables=self.receivables,
                master_data=self.master_data,
            )
        except NothingToCreditError as error:
            raise CreditRefusedError(str(error)) from error


def _require_fit(note: CreditNote, of: Crediting) -> None:
    faults = what_does_not_fit(note, of)
    if faults:
        raise CreditRefusedError("; ".join(faults))


def _voids(request: CreditRequest) -> bool:
    return request.purpose is CreditPurpose.VOID
