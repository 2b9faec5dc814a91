"""The way of a credit note from its request to its number: drafted, approved where the policy says so, issued."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.currency_exchange.converted import Converted, converted_after
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CreditNoteNumber
from shared.domain.invoicing.credit_note import (
    Credited,
    CreditNote,
    CreditNoteState,
    CreditPurpose,
    CreditRequest,
    WholeCredit,
)
from shared.domain.invoicing.crediting import CreditRefusedError, credited
from shared.domain.invoicing.invoice import ApprovalDecision, Invoice
from shared.domain.invoicing.lowered_later import NOTHING_LOWERED
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.master_data.approval_policy import ApprovalPolicy
from shared.domain.money import Money, total


def drafted(
    request: CreditRequest,
    invoice: Invoice,
    earlier: Sequence[Credited],
    *,
    lowered: Mapping[str, Money] = NOTHING_LOWERED,
) -> CreditNote:
    """Return the credit note as it would be issued now; raise CreditRefusedError for one that cannot be."""
    if invoice.number is None:
        raise CreditRefusedError(
            f"{invoice.invoice_id} has no number: what is not issued is drafted anew, not credited"
        )
    if request.purpose is CreditPurpose.VOID and request.credit != WholeCredit():
        raise CreditRefusedError("an invoice is voided whole: a part of it is credited")
    if not request.reason.strip() or not request.requested_by.strip():
        raise CreditRefusedError("a credit needs a reason, and the name of whoever asks for it")
    figures = credited(invoice, earlier, request.credit, lowered=lowered)
    return CreditNote(
        tenant=invoice.tenant,
        request=request,
        state=CreditNoteState.AWAITING_APPROVAL,
        invoice_number=invoice.number,
        customer_id=invoice.customer_id,
        contract_id=invoice.contract_id,
        legal_entity_id=invoice.legal_entity_id,
        credited=figures,
        converted=_converted(figures, invoice, earlier),
    )


def _converted(figures: Credited, invoice: Invoice, earlier: Sequence[Credited]) -> Converted | None:
    if invoice.converted is None:
        return None
    return converted_after(
        figures.net,
        figures.tax,
        invoice.converted.rate,
        net_before=total((one.net for one in earlier), figures.net.currency),
        tax_before=total((one.tax for one in earlier), figures.tax.currency),
    )


def why_approval(gross: Money, policy: ApprovalPolicy | None) -> str:
    """Say why a credit of this amount waits for an approver; nothing: it does not. The policy is that of invoices."""
    if policy is None:
        return ""
    if policy.manual_adjustment:
        return "whatever a person agrees with a customer is approved"
    if policy.thresholds is None:
        return ""
    limits = [limit for limit in policy.thresholds if limit.currency == gross.currency]
    if not limits:
        return f"no threshold is set for {gross.currency}"
    reached = [limit for limit in limits if not gross < limit]
    return f"{gross} reaches the threshold of {reached[0]}" if reached else ""


def decided(note: CreditNote, decision: ApprovalDecision, policy: ApprovalPolicy | None) -> CreditNote:
    """Return the note with its decision; raise CreditRefusedError for whoever may not decide."""
    if note.approval is not None:
        if note.approval == decision:
            return note
        raise CreditRefusedError(f"{note.credit_note_id} was decided by {note.approval.decided_by} before")
    if note.state is not CreditNoteState.AWAITING_APPROVAL:
        raise CreditRefusedError(f"{note.credit_note_id} is {note.state} and waits for nobody")
    if policy is None or decision.decided_by not in policy.approvers:
        raise CreditRefusedError(f"{decision.decided_by} is not the approver of {note.credit_note_id}")
    if decision.decided_by == note.request.requested_by:
        raise CreditRefusedError(f"{decision.decided_by} has asked for {note.credit_note_id} and cannot approve it")
    state = note.state if decision.approved else CreditNoteState.REJECTED
    return replace(note, state=state, approval=decision)


def numbered(note: CreditNote, series: InvoiceSeries) -> CreditNote:
    """Return the note with the number and date that its series has just come to."""
    return replace(
        note,
        state=CreditNoteState.ISSUED,
        number=CreditNoteNumber(series.last_number),
        credit_note_date=series.last_date,
    )


def issued_in_order(notes: Iterable[CreditNote]) -> tuple[CreditNote, ...]:
    """Return those that are issued, in the order in which they were."""
    by_number = {note.number: note for note in notes if note.number is not None}
    return tuple(by_number[number] for number in sorted(by_number, key=lambda one: (len(one), one)))


def approval_pending(note: CreditNote, why: str, policy: ApprovalPolicy, *, raised_at: datetime) -> ExceptionRecord:
    request = note.request
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.CREDIT_NOTE_PENDING, note.credit_note_id),
        tenant=note.tenant,
        code=ExceptionCode.CREDIT_NOTE_PENDING,
        subject=note.credit_note_id,
        message=f"a credit of {note.credited.gross} on {note.invoice_number} waits for {policy.approver}: {why}",
        raised_at=raised_at,
        detail={
            "invoice_id": request.invoice_id,
            "revision": str(request.revision),
            "request_id": request.request_id,
            "amount": str(note.credited.gross),
            "reason": request.reason,
            "requested_by": request.requested_by,
            "approver": policy.approver,
        },
    )
