"""What a posting's next state is, given what its ERP answered. Pure: time and capabilities come in as values.

A document that the ERP has posted otherwise than we said is POSTED with a problem, POSTING_PERIOD_SHIFTED where only
the period is another, else POSTING_MISMATCH: it is in the ledger, so it must neither be sent again nor replaced by a
new revision before a person has voided it there.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.comparison import differences
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import (
    Accepted,
    AuthFailed,
    Draft,
    Duplicate,
    ErpRef,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Submission,
    Throttled,
    Ticket,
    Uncertain,
)
from shared.domain.posting.transitions import Step, take

# Longer than any invocation can live, so that a SENDING intent that is due has nobody working on it.
ATTEMPT_CEILING = timedelta(minutes=15)
FIRST_BACK_OFF = timedelta(seconds=30)
MAX_BACK_OFF = timedelta(hours=1)
AUTH_BACK_OFF = timedelta(minutes=15)
# What was given up as absent is looked up again, this long after each other, for what comes all the same.
RECHECK_DELAYS = (timedelta(hours=24), timedelta(hours=1))  # indexed by the number still left

_PROBLEM_OF = {
    RejectionKind.MAPPING: ExceptionCode.MAPPING_MISSING,
    RejectionKind.PERIOD: ExceptionCode.PERIOD_CLOSED,
    RejectionKind.VALIDATION: ExceptionCode.POSTING_REJECTED,
    RejectionKind.PERMISSION: ExceptionCode.POSTING_REJECTED,
    RejectionKind.CONFIGURATION: ExceptionCode.POSTING_REJECTED,
}


def sending(intent: PostingIntent, *, books: str, now: datetime) -> PostingIntent:
    """Return the intent as it must be stored before its document may leave for these books."""
    return take(
        Step.SEND,
        intent,
        attempts=intent.attempts + 1,
        absences=0,
        sent_at=now,
        sent_to=books,
        accepted_at=None,
        ticket=None,
        due_at=now + ATTEMPT_CEILING,
        refused_as_duplicate=False,
        problem=None,
        reason="",
    )


def advancing(intent: PostingIntent, ref: ErpRef, *, now: datetime) -> PostingIntent:
    """Return the intent as it must be stored before a draft of it may be brought into the ledger."""
    due_at = now + ATTEMPT_CEILING
    return take(Step.SEND, intent, erp_ref=ref, absences=0, refused_as_duplicate=False, sent_at=now, due_at=due_at)


def concluded(  # noqa: PLR0911 - one for each thing an ERP may answer
    intent: PostingIntent,
    submission: Submission,
    *,
    read_back: PostedDocument | LookupFailed | None,
    capabilities: Capabilities,
    now: datetime,
) -> PostingIntent:
    """Return what an attempt has come to. `read_back` is what the ERP showed after it had answered Posted."""
    match submission:
        case Posted():
            return _read_back(intent, read_back, capabilities=capabilities, now=now)
        case Rejected(kind=kind, code=code, text=text):
            return refused(intent, _PROBLEM_OF[kind], f"{code}: {text}", now=now)
        case Throttled(retry_after_seconds=seconds, reason=reason):
            delay = max(_back_off(intent), timedelta(seconds=seconds or 0))
            return _not_processed(intent, due_at=now + delay, problem=None, reason=reason or "the ERP was busy")
        case AuthFailed(text=text):
            return _not_processed(
                intent, due_at=now + AUTH_BACK_OFF, problem=ExceptionCode.ERP_AUTH_FAILED, reason=text
            )
        case Duplicate():
            taken = replace(intent, refused_as_duplicate=True)
            return _lost(
                taken, due_at=now, problem=ExceptionCode.POSTING_CONFLICT, reason="the ERP has its key already"
            )
        case Draft(ref=ref):
            return lost(intent, f"still a draft after it was posted: {ref.value}", capabilities=capabilities, now=now)
        case Accepted(ticket=ticket):
            return accepted(intent, ticket, capabilities=capabilities, now=now)
        case Uncertain(reason=reason):
            return lost(intent, reason, capabilities=capabilities, now=now)
        case _ as never:
            assert_never(never)


def accepted(intent: PostingIntent, ticket: Ticket, *, capabilities: Capabilities, now: datetime) -> PostingIntent:
    """Return the intent of a document that the ERP has and its ledger has not: to be polled, and never sent again."""
    return asked_after(
        replace(intent, ticket=ticket, accepted_at=intent.accepted_at or now),
        due_at=now + timedelta(seconds=capabilities.poll_seconds),
        problem=None,
        reason=f"taken by the ERP and not posted yet: {ticket.value}",
        capabilities=capabilities,
        now=now,
    )


def asked_after(
    intent: PostingIntent,
    *,
    due_at: datetime,
    problem: ExceptionCode | None,
    reason: str,
    capabilities: Capabilities,
    now: datetime,
) -> PostingIntent:
    """Return an accepted intent that is to be polled again; without another problem it is stuck after some time."""
    waited = now - (intent.accepted_at or now)
    if problem is None and waited >= timedelta(seconds=capabilities.stuck_after_seconds):
        problem = ExceptionCode.POSTING_STUCK
    return take(Step.ACCEPT, intent, due_at=due_at, reason=reason, **problem_changes(intent, problem))


def lost(intent: PostingIntent, reason: str, *, capabilities: Capabilities, now: datetime) -> PostingIntent:
    """Return the intent after an attempt nobody knows the end of: not to be touched for the ERP's quiet period."""
    due_at = now + timedelta(seconds=capabilities.quiet_period_seconds)
    return _lost(intent, due_at=due_at, problem=ExceptionCode.POSTING_UNKNOWN, reason=reason)


def confirmed(
    intent: PostingIntent, found: PostedDocument, *, capabilities: Capabilities, now: datetime
) -> PostingIntent:
    """Return the intent as posted, with the ERP's number and period, and a problem if it differs from the document."""
    differing = differences(intent.document, found)
    may_be_double = not capabilities.natural_key_enforced or found.external_ref != intent.external_ref
    return take(
        Step.CONFIRM,
        intent,
        erp_ref=found.ref,
        erp_number=found.number,
        posted_period=found.accounting_period,
        settled_at=now,
        due_at=now,
        reason="; ".join(differing),
        rechecks_left=len(RECHECK_DELAYS) if intent.may_come_late and may_be_double else 0,
        **problem_changes(intent, _differs(intent.document, found)),
    )


def confirmed_unseen(intent: PostingIntent, number: str, reason: str, *, now: datetime) -> PostingIntent:
    """Return the intent as posted by somebody's word alone, in the period that it has here."""
    return take(
        Step.CONFIRM,
        intent,
        erp_ref=None,  # of what was refused; nobody saw what was booked
        erp_number=number,
        posted_period=intent.document.accounting_period,
        settled_at=now,
        due_at=now,
        reason=reason,
        **problem_changes(intent, None),
    )


def given_up_on(intent: PostingIntent, reason: str, *, now: datetime) -> PostingIntent:
    """Return the intent as cancelled; what was given up as absent before is looked up again all the same."""
    rechecks = len(RECHECK_DELAYS) if intent.may_come_late else 0
    changes = problem_changes(intent, None)
    return take(Step.CANCEL, intent, settled_at=now, due_at=now, reason=reason, rechecks_left=rechecks, **changes)


def refused(intent: PostingIntent, problem: ExceptionCode, reason: str, *, now: datetime) -> PostingIntent:
    """Return the intent as refused. What it was given up for before may still come, beside one in its place."""
    rechecks = len(RECHECK_DELAYS) if intent.may_come_late else 0
    return take(
        Step.REFUSE,
        intent,
        settled_at=now,
        due_at=now,
        reason=reason,
        rechecks_left=rechecks,
        awaits_redating=intent.redates and problem is ExceptionCode.PERIOD_CLOSED,
        **problem_changes(intent, problem),
    )


def _differs(document: Document, found: PostedDocument) -> ExceptionCode | None:
    if not differences(document, found):
        return None
    is_only_shifted = not differences(document, replace(found, accounting_period=document.accounting_period))
    return ExceptionCode.POSTING_PERIOD_SHIFTED if is_only_shifted else ExceptionCode.POSTING_MISMATCH


def _read_back(
    intent: PostingIntent,
    read_back: PostedDocument | LookupFailed | None,
    *,
    capabilities: Capabilities,
    now: datetime,
) -> PostingIntent:
    if isinstance(read_back, PostedDocument) and read_back.posted:
        return confirmed(intent, read_back, capabilities=capabilities, now=now)
    reason = read_back.reason if isinstance(read_back, LookupFailed) else "read back as a draft"
    return lost(intent, f"posted, but not read back: {reason}", capabilities=capabilities, now=now)


def _not_processed(
    intent: PostingIntent, *, due_at: datetime, problem: ExceptionCode | None, reason: str
) -> PostingIntent:
    if intent.erp_ref is not None:  # a draft is there: sending the document again would make a second one
        return _lost(intent, due_at=due_at, problem=problem, reason=reason)
    return take(Step.POSTPONE, intent, due_at=due_at, reason=reason, **problem_changes(intent, problem))


def _lost(intent: PostingIntent, *, due_at: datetime, problem: ExceptionCode | None, reason: str) -> PostingIntent:
    return take(Step.LOSE, intent, absences=0, due_at=due_at, reason=reason, **problem_changes(intent, problem))


def _back_off(intent: PostingIntent) -> timedelta:
    doublings = min(intent.attempts - 1, 10)  # a power of thousands would overflow long after the maximum
    return min(FIRST_BACK_OFF * (1 << doublings), MAX_BACK_OFF)


def problem_changes(intent: PostingIntent, problem: ExceptionCode | None) -> dict[str, Any]:
    """Return what of an intent changes by the exception that is open about it from now on, None for none."""
    raised = intent.raised if problem is None or problem in intent.raised else (*intent.raised, problem)
    return {"problem": problem, "raised": raised}
