"""What a posting's next state is after the ERP was asked what has become of a document that it has taken."""

from datetime import datetime, timedelta

from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.decisions import asked_after, concluded, lost
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.outcome import (
    AuthFailed,
    LookupFailed,
    PostedDocument,
    Submission,
    Throttled,
    Uncertain,
)


def polled(
    intent: PostingIntent,
    submission: Submission,
    *,
    read_back: PostedDocument | LookupFailed | None,
    capabilities: Capabilities,
    now: datetime,
) -> PostingIntent:
    """Return an accepted intent after a poll. Nothing was sent, so nothing is sent again for want of an answer.

    A ticket that the ERP does not know says nothing of the document: that is looked up, as after silence.
    """
    match submission:
        case Throttled(retry_after_seconds=seconds):
            delay = max(capabilities.poll_seconds, seconds or 0)
            problem, reason = None, "the ERP could not be asked what has become of it"
        case AuthFailed(text=text):
            delay, problem, reason = capabilities.poll_seconds, ExceptionCode.ERP_AUTH_FAILED, text
        case Uncertain(reason=why):
            return lost(intent, f"its ticket tells nothing: {why}", capabilities=capabilities, now=now)
        case _:
            return concluded(intent, submission, read_back=read_back, capabilities=capabilities, now=now)
    due_at = now + timedelta(seconds=delay)
    return asked_after(intent, due_at=due_at, problem=problem, reason=reason, capabilities=capabilities, now=now)
