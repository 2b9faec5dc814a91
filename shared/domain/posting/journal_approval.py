"""A journal before it is posted: prepared by one person, decided on by another."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.invoicing.invoice import ApprovalDecision
from shared.domain.master_data.approval_policy import ApprovalPolicy
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.journal import Journal, JournalLine
from shared.domain.posting.limits import unfit
from shared.domain.posting.names import first_posting
from shared.domain.posting.systems.registry import SYSTEMS


class JournalState(StrEnum):
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"  # its posting is in the outbox
    REJECTED = "rejected"


class JournalRefusedError(Exception):
    """The journal cannot be prepared, or not be decided on; the text says why. Nothing was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedJournal:
    journal: Journal
    prepared_by: str
    prepared_at: datetime
    state: JournalState = JournalState.AWAITING_APPROVAL
    decision: ApprovalDecision | None = None


def require_postable(
    journal: Journal,
    entity: LegalEntity | None,
    original: PostingIntent | None,
    reversal: PostingIntent | None = None,
) -> None:
    """Raise JournalRefusedError for what the ERP of its legal entity would refuse, or what reverses nothing of ours.

    `original` is the last posting of the journal that it reverses, `reversal` that of the one that does so already.
    """
    system = SYSTEMS.get(entity.erp.system) if entity is not None else None
    if entity is None or system is None:
        raise JournalRefusedError(f"the published catalogue does not know {journal.legal_entity_id}, or its ERP")
    if entity.closed_through is not None and journal.posting_date <= entity.closed_through:
        raise JournalRefusedError(f"{entity.legal_entity_id} is closed through {entity.closed_through}")
    unrounded = [line.line_no for line in journal.lines if line.amount != line.amount.rounded()]
    if unrounded:
        raise JournalRefusedError(f"line {unrounded[0]} has more decimals than {journal.net.currency}")
    if system.journals_in_books_currency and journal.net.currency != entity.functional_currency:
        told = f"takes journals in {entity.functional_currency} only, not in {journal.net.currency}"
        raise JournalRefusedError(f"{system.title} {told}")
    rejection = unfit(journal, entity.erp, system)
    if rejection is not None:
        raise JournalRefusedError(rejection.text)
    if journal.reverses is not None:
        _require_reversal(journal, original, reversal)


def decided(prepared: PreparedJournal, decision: ApprovalDecision, policy: ApprovalPolicy | None) -> PreparedJournal:
    """Return the journal with its decision; raise JournalRefusedError for whoever may not decide."""
    name = prepared.journal.posting_id
    if prepared.decision is not None:
        if (prepared.decision.approved, prepared.decision.decided_by) == (decision.approved, decision.decided_by):
            return prepared
        raise JournalRefusedError(f"{name} was decided by {prepared.decision.decided_by} before")
    if decision.decided_by == prepared.prepared_by:
        raise JournalRefusedError(f"{decision.decided_by} has prepared {name} and cannot decide on it")
    if policy is None or decision.decided_by not in policy.approvers:
        raise JournalRefusedError(f"{decision.decided_by} is not an approver of {prepared.journal.legal_entity_id}")
    state = JournalState.APPROVED if decision.approved else JournalState.REJECTED
    return replace(prepared, state=state, decision=decision)


def require_approver(prepared: PreparedJournal, policy: ApprovalPolicy | None) -> str:
    """Return who is to decide; raise JournalRefusedError where nobody else than the preparer may."""
    others = [name for name in (policy.approvers if policy else ()) if name != prepared.prepared_by]
    if not others:
        entity = prepared.journal.legal_entity_id
        raise JournalRefusedError(f"{entity} names no approver other than {prepared.prepared_by}: nobody could decide")
    return others[0]


def journal_pending(prepared: PreparedJournal, approver: str) -> ExceptionRecord:
    journal = prepared.journal
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.JOURNAL_PENDING, journal.posting_id),
        tenant=journal.tenant,
        code=ExceptionCode.JOURNAL_PENDING,
        subject=journal.posting_id,
        message=f"a journal of {journal.net} on {journal.posting_date} waits for {approver}: {journal.text}",
        raised_at=prepared.prepared_at,
        detail={
            "legal_entity": journal.legal_entity_id,
            "prepared_by": prepared.prepared_by,
            "approver": approver,
            "amount": str(journal.net),
        },
    )


def _require_reversal(journal: Journal, original: PostingIntent | None, reversal: PostingIntent | None) -> None:
    name = journal.reverses
    if original is None or not isinstance(original.document, Journal):
        raise JournalRefusedError(f"there is no {name} to reverse")
    if original.state is IntentState.CANCELLED:
        raise JournalRefusedError(f"{name} was cancelled: there is nothing to reverse")
    if reversal is not None and reversal.state is not IntentState.CANCELLED:
        raise JournalRefusedError(f"{name} is reversed by {first_posting(reversal.posting_id)} already")
    taken_back = sorted(_booked(replace(line, amount=-line.amount)) for line in journal.lines)
    booked = sorted(map(_booked, original.document.lines))
    where = journal.legal_entity_id, journal.net.currency
    if taken_back != booked or where != (original.legal_entity_id, original.document.net.currency):
        raise JournalRefusedError(f"it does not take back what {name} books, by account, customer and dimensions")
    if journal.posting_date < original.document.posting_date:
        raise JournalRefusedError(f"it is dated before {name}, which it reverses")


def _booked(line: JournalLine) -> tuple[str, str, tuple[tuple[str, str], ...], Decimal]:
    """Return what a line changes in the ledger: an account, of a customer, in a value of each dimension."""
    return line.account, line.customer_id or "", tuple(sorted(line.dimensions)), line.amount.amount
