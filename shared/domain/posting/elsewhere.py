"""Postings in other books than their legal entity is mapped to now, where nobody can look what became of them."""

from datetime import datetime, timedelta

from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.decisions import with_problem
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.transitions import Step, take

PATIENCE_WITH_A_MAPPING = timedelta(hours=1)  # a person has to publish the former one
_IN_DOUBT = frozenset({IntentState.SENDING, IntentState.ACCEPTED, IntentState.UNKNOWN})


def is_elsewhere(posted: PostingIntent, books: str) -> bool:
    """Whether a posted document is in other books than these."""
    return posted.sent_to not in {"", books}


def may_be_elsewhere(intent: PostingIntent, books: str) -> bool:
    """Whether something of a posting may be, or may still come, in other books than these.

    What was refused there and left no draft is nowhere: it may go into these.
    """
    may_be_there = intent.may_come_late or intent.erp_ref is not None or intent.state in _IN_DOUBT
    return may_be_there and is_elsewhere(intent, books)


def held(intent: PostingIntent, books: str, *, now: datetime) -> PostingIntent:
    """Return a posting that is left as it is: absence from these books proves nothing, and an attempt would double it.

    One in doubt is looked at again, since its former mapping may be back. One that has settled is not: a person looks.
    """
    reason = f"it went to {intent.sent_to}, and its legal entity is mapped to {books} now"
    if intent.state.settled:
        problem = intent.problem or ExceptionCode.POSTING_ELSEWHERE
        said = intent.reason if intent.problem else f"{reason}: what may come late cannot be looked up there"
        return take(Step.LOOK_AGAIN, intent, rechecks_left=0, reason=said, **with_problem(intent, problem))
    changes = with_problem(intent, ExceptionCode.POSTING_ELSEWHERE)
    due_at = now + PATIENCE_WITH_A_MAPPING
    return take(Step.LOOK_AGAIN, intent, absences=0, due_at=due_at, reason=reason, **changes)
