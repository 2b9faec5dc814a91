"""Which postings somebody has to look after once they were sent, and when they are asked for."""

from dataclasses import replace
from datetime import datetime

from shared.domain.posting.intent import IntentState, PostingIntent

_UNCLEAR = frozenset({IntentState.SENDING, IntentState.ACCEPTED, IntentState.UNKNOWN})


def needs_follow_up(intent: PostingIntent, *, now: datetime) -> bool:
    """Whether it is due to be looked up, polled, looked up once more, accrued, or put into another period."""
    told_of = intent.state.settled and intent.answered
    is_left = told_of and (intent.rechecks_left > 0 or intent.awaits_accrual)
    return intent.due_at <= now and (intent.state in _UNCLEAR or is_left or intent.awaits_redating)


def is_to_be_asked_for(intent: PostingIntent, *, now: datetime) -> bool:
    """Whether it needs a follow-up that no message asks for yet."""
    return needs_follow_up(intent, now=now) and (intent.asked_until is None or intent.asked_until <= now)


def asked_for(intent: PostingIntent, *, until: datetime) -> PostingIntent:
    """Return it as it stands, with a message under way; whatever happens to it next is the end of that."""
    return replace(intent, version=intent.version + 1, asked_until=until)
