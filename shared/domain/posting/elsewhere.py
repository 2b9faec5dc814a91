"""Postings in other books than their legal entity is mapped to now, where nobody can look what became of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.posting.announcement import PostingAnnouncement, problem_record
from shared.domain.posting.decisions import problem_changes
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.transitions import Step, take

PATIENCE_WITH_A_MAPPING = timedelta(hours=1)  # a person has to publish the former one
NO_BOOKS = ""  # of a legal entity that has left the catalogue
_LEFT_IN_DOUBT = frozenset({IntentState.ACCEPTED, IntentState.UNKNOWN})
_IN_DOUBT = _LEFT_IN_DOUBT | {IntentState.SENDING}


def is_elsewhere(posted: PostingIntent, books: str) -> bool:
    """Whether a posted document is in other books than these."""
    return posted.sent_to not in {"", books}


def may_be_elsewhere(intent: PostingIntent, books: str) -> bool:
    """Whether something of a posting may be, or may still come, in other books than these.

    What was refused there and left no draft is nowhere: it may go into these. Before another one took its place, its
    draft was seen to be gone.
    """
    if not is_elsewhere(intent, books):
        return False
    left_a_draft = intent.erp_ref is not None and intent.replaced_by is None
    if intent.state.settled:
        return left_a_draft or intent.rechecks_left > 0 or intent.left_elsewhere
    return left_a_draft or intent.may_come_late or intent.state in _IN_DOUBT


def the_one_elsewhere(chain: Iterable[PostingIntent], books: str) -> PostingIntent | None:
    """Return a posting of a document of which something may be in other books than these."""
    return next((one for one in chain if may_be_elsewhere(one, books)), None)


def held(intent: PostingIntent, books: str, *, now: datetime) -> PostingIntent:
    """Return a posting in doubt that is left as it is: absence from these books proves nothing, and a send doubles it.

    It is looked at again, since its former mapping may be back.
    """
    several = intent.problem is ExceptionCode.POSTING_CONFLICT  # which a person sees to, wherever they are
    problem = ExceptionCode.POSTING_CONFLICT if several else ExceptionCode.POSTING_ELSEWHERE
    changes = problem_changes(intent, problem)
    due_at = now + PATIENCE_WITH_A_MAPPING
    return take(Step.LOOK_AGAIN, intent, absences=0, due_at=due_at, reason=_where(intent, books), **changes)


def is_held(intent: PostingIntent) -> bool:
    """Whether a person was told that a posting is left as it is, since it may be in other books."""
    return intent.state in _LEFT_IN_DOUBT and intent.problem is ExceptionCode.POSTING_ELSEWHERE


def cannot_be_looked_up(intent: PostingIntent, books: str) -> bool:
    """Whether a posting is in doubt, nobody is sending it, and it may be in other books than these."""
    return intent.state in _LEFT_IN_DOUBT and may_be_elsewhere(intent, books)


def left_there(settled: PostingIntent, books: str, *, now: datetime) -> tuple[PostingIntent, PostingAnnouncement]:
    """Return a settled posting that cannot be looked up for what may come late, and what a person is told.

    Once they are, its look-ups are over. It stays as it settled: what was open about it, and has been closed since, is
    not opened again.
    """
    reason = f"{_where(settled, books)}: what may come late cannot be looked up there"
    record = problem_record(replace(settled, reason=reason), ExceptionCode.POSTING_ELSEWHERE, now)
    said = PostingAnnouncement(raised=(record,), resolved=(), resolution="", announced_at=now, answers=())
    return take(Step.LOOK_AGAIN, settled, left_elsewhere=True), said


def looked_up_there(settled: PostingIntent, *, now: datetime) -> tuple[PostingIntent, PostingAnnouncement]:
    """Return a settled posting whose late look-ups were made in its books after all, and what nobody need do now."""
    said = PostingAnnouncement(
        raised=(),
        resolved=(exception_id(ExceptionCode.POSTING_ELSEWHERE, settled.posting_id),),
        resolution=f"looked up in {settled.sent_to}, which its legal entity is mapped to again",
        announced_at=now,
        answers=(),
    )
    return replace(settled, left_elsewhere=False), said


def _where(intent: PostingIntent, books: str) -> str:
    now = f"is mapped to {books} now" if books else "has no ERP now"
    return f"it went to {intent.sent_to}, and its legal entity {now}"
