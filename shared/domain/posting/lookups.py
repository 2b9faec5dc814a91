"""What a posting's next state is after the ERP was asked whether it holds the document."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import PostingId
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.comparison import differences
from shared.domain.posting.decisions import RECHECK_DELAYS, confirmed, problem_changes, refused
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.outcome import Absent, Ambiguous, ErpRef, Found, Location, LookupFailed, PostedDocument
from shared.domain.posting.transitions import Step, take

ABSENCES_THAT_PERMIT_A_RESEND = 2
PATIENCE_WITH_ANOTHER = timedelta(minutes=10)
CONFLICT_PATIENCE = timedelta(hours=1)  # a person has to reverse one of the documents first
MOST_WAITING = 20  # an execution waits five times at most each time it is redriven; a token has up to 2 KB


def found_nothing(intent: PostingIntent, *, capabilities: Capabilities, now: datetime) -> PostingIntent:
    """Return the intent after an absent look-up: look again, or after the second one send again.

    Where the last attempt was refused as a duplicate, absence means that the ERP holds another document under one of
    our keys: sending again would go round in circles, so a person decides; so it is where somebody has removed all of
    several with our key. While the ERP may still have the document somewhere that no look-up shows, as before it is in
    its ledger, absence proves nothing.
    """
    if now < _provable_from(intent, capabilities):
        due_at = now + timedelta(seconds=capabilities.lookup_spacing_seconds)
        return take(Step.LOOK_AGAIN, intent, due_at=due_at)
    absences = intent.absences + 1
    if absences < ABSENCES_THAT_PERMIT_A_RESEND:
        due_at = now + timedelta(seconds=capabilities.lookup_spacing_seconds)
        return take(Step.LOOK_AGAIN, intent, absences=absences, due_at=due_at)
    if intent.refused_as_duplicate or intent.problem is ExceptionCode.POSTING_CONFLICT:
        had = "refuses it as a duplicate" if intent.refused_as_duplicate else "had several documents with its reference"
        reason = f"the ERP {had}, but holds none with its reference"
        return refused(replace(intent, may_come_late=True), ExceptionCode.POSTING_REJECTED, reason, now=now)
    return take(Step.PROVE_ABSENT, intent, absences=0, erp_ref=None, may_come_late=True, due_at=now)


def found_posted(
    intent: PostingIntent, found: PostedDocument, *, capabilities: Capabilities, now: datetime
) -> PostingIntent:
    """Return the intent after its key was found in the ledger: posted, unless that is certainly another document.

    Where the last attempt was refused as a duplicate, and none before it may have got in, what says something else is
    not ours: ours is not in the ledger. Another number alone makes it no other document: the ERP may have given ours
    its own.
    """
    differing = differences(intent.document, replace(found, human_number=None))
    never_got_in = intent.refused_as_duplicate and not intent.may_come_late
    if never_got_in and differing:
        reason = f"the ERP has another document with its key, {found.number}: {'; '.join(differing)}"
        return refused(intent, ExceptionCode.POSTING_CONFLICT, reason, now=now)
    return confirmed(intent, found, capabilities=capabilities, now=now)


def found_several(intent: PostingIntent, location: Ambiguous, *, now: datetime) -> PostingIntent:
    return take(
        Step.LOOK_AGAIN,
        intent,
        absences=0,
        due_at=now + CONFLICT_PATIENCE,
        reason=_several(location),
        **problem_changes(intent, ExceptionCode.POSTING_CONFLICT),
    )


def could_not_look(intent: PostingIntent, reason: str, *, capabilities: Capabilities, now: datetime) -> PostingIntent:
    """Return the intent after a look-up without an answer: it counts neither way, and a person is to know of it."""
    changes = problem_changes(intent, intent.problem or ExceptionCode.POSTING_UNKNOWN)
    return replace(looked_at_later(intent, capabilities=capabilities, now=now), reason=reason, **changes)


def draft_withheld(
    intent: PostingIntent,
    draft: ErpRef,
    problem: ExceptionCode,
    why: str,
    *,
    left: Location,
    capabilities: Capabilities,
    now: datetime,
) -> PostingIntent:
    """Return the intent after its draft was to be deleted, since it must not be posted any more: `left` is of it.

    Refused for the problem once nothing is. Until then the ERP may post it, by a person or by itself, so nothing takes
    its place.
    """
    seen = replace(intent, erp_ref=draft, absences=0, refused_as_duplicate=False, problem=None)
    if isinstance(left, Absent):
        return refused(replace(seen, may_come_late=True), problem, why, now=now)
    reason = f"{why}: draft {draft.value} of it in the ERP is not posted, and would not go: post it or delete it there"
    return could_not_look(seen, reason, capabilities=capabilities, now=now)


def looked_at_later(intent: PostingIntent, *, capabilities: Capabilities, now: datetime) -> PostingIntent:
    """Return an intent as it stands, to be looked at again when look-ups may show more."""
    due_at = now + timedelta(seconds=capabilities.lookup_spacing_seconds)
    return take(Step.LOOK_AGAIN, intent, due_at=due_at)


def rechecked(
    intent: PostingIntent,
    location: Location,
    *,
    ours: Collection[PostingIntent],
    capabilities: Capabilities,
    now: datetime,
) -> PostingIntent:
    """Return a settled intent after a look-up for what was given up as absent. `ours` are posted for its document."""
    match location:
        case LookupFailed():
            return looked_at_later(intent, capabilities=capabilities, now=now)
        case Ambiguous():
            return _came_late(intent, _several(location))
        case Found(document=found) if not any(_is_posted_as(found, one) for one in ours):
            return _came_late(intent, f"the ERP has it after all, as {found.number or found.ref.value}")
        case Found() | Absent():
            looked = replace(intent, rechecks_left=intent.rechecks_left - 1)
            return take(Step.LOOK_AGAIN, looked, due_at=recheck_due(looked, now=now))
        case _ as never:
            assert_never(never)


def _is_posted_as(found: PostedDocument, ours: PostingIntent) -> bool:
    """Whether it is what was posted: of what was taken on somebody's word there is no more than its number."""
    if ours.erp_ref is None:
        return found.posted and found.number == ours.erp_number
    return found.ref == ours.erp_ref


def _came_late(intent: PostingIntent, reason: str) -> PostingIntent:
    changes = problem_changes(intent, ExceptionCode.POSTING_CONFLICT)
    return take(Step.LOOK_AGAIN, intent, rechecks_left=0, reason=reason, **changes)


def held_back(intent: PostingIntent, until: PostingId, *, now: datetime) -> PostingIntent:
    """Return an unsent intent that another posting goes before."""
    return take(Step.POSTPONE, intent, due_at=now + PATIENCE_WITH_ANOTHER, reason=f"waits for {until}")


def kept_waiting(intent: PostingIntent, reason: str, *, until: datetime) -> PostingIntent:
    """Return an unsent intent whose ERP is not to be called for now; no attempt was made."""
    return take(Step.POSTPONE, intent, due_at=until, reason=reason)


def asked_for_again(intent: PostingIntent, *, until: datetime) -> PostingIntent:
    """Return an unsent intent after the relay put it on the queue once more."""
    return take(Step.POSTPONE, intent, due_at=until)


def awaited(intent: PostingIntent, task_token: str) -> PostingIntent:
    """Return the intent with one more wait for it, to be told even if it settled before.

    No message tells which wait is the living one: a retry's may come before that of the try it follows, and a dead
    letter long after both.
    """
    tokens = (*intent.task_tokens, task_token)[-MOST_WAITING:]
    return replace(intent, version=intent.version + 1, task_tokens=tokens, answered=False)


def told(intent: PostingIntent, *, now: datetime) -> PostingIntent:
    """Return a settled intent after everyone who waits was told."""
    is_due = intent.awaits_redating or intent.awaits_accrual
    due_at = intent.due_at if is_due else recheck_due(intent, now=now)
    return replace(intent, version=intent.version + 1, answered=True, due_at=due_at)


def recheck_due(intent: PostingIntent, *, now: datetime) -> datetime:
    """Return when a settled intent that everybody was told of is next looked up; as it was where it no longer is."""
    if not intent.rechecks_left:
        return intent.due_at
    return now + RECHECK_DELAYS[min(intent.rechecks_left, len(RECHECK_DELAYS)) - 1]


def looked_up_before_close(intent: PostingIntent, *, now: datetime) -> PostingIntent:
    """Return a settled intent that is still looked up, and now once more than that: its accounting period closes."""
    left = min(intent.rechecks_left, len(RECHECK_DELAYS)) + 1
    return take(Step.LOOK_AGAIN, intent, rechecks_left=left, due_at=now)


def _provable_from(intent: PostingIntent, capabilities: Capabilities) -> datetime:
    is_taken_first = intent.ticket is not None or intent.document.kind in capabilities.accepts_first
    hidden_for = capabilities.stuck_after_seconds if is_taken_first else capabilities.quiet_period_seconds
    return (intent.sent_at or intent.created_at) + timedelta(seconds=hidden_for)


def _several(location: Ambiguous) -> str:
    return "several documents carry its reference: " + ", ".join(ref.value for ref in location.refs)
