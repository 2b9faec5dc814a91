"""What Tryton's refusals mean. They have no codes, only English texts (asked for in every call) of Tryton 8.2."""

from http import HTTPStatus
from typing import Final

from shared.adapters.erp.reply_classes import after_failed_write
from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import Duplicate, Rejected, RejectionKind, Submission, Throttled, Uncertain

# The kind of a refusal by a part of its text, the first that fits.
_KINDS: Final = (
    ("you must reopen the period", RejectionKind.PERIOD),
    ("you must create a period for the date", RejectionKind.PERIOD),
    ("in closed period", RejectionKind.PERIOD),
    ("on closed journal-period", RejectionKind.PERIOD),
    ("you must set an invoice date after", RejectionKind.PERIOD),
    ("You are not allowed", RejectionKind.PERMISSION),
    ("does not exist", RejectionKind.MAPPING),
    ("sequence", RejectionKind.CONFIGURATION),
    ("A value is required for field", RejectionKind.CONFIGURATION),
)
_LOCKED: Final = b"could not obtain lock"
_NOT_UNIQUE: Final = b"duplicate key value violates unique constraint"


def after_failure(result: CallResult) -> Submission:
    """Return what a write without success has come to."""
    if isinstance(result, Reply):
        if result.status == HTTPStatus.SERVICE_UNAVAILABLE and _LOCKED in result.body:
            return Throttled()  # rolled back, after all of Tryton's own attempts
        if result.status == HTTPStatus.INTERNAL_SERVER_ERROR and _NOT_UNIQUE in result.body:
            return Duplicate()
        if result.status == HTTPStatus.NOT_FOUND:
            return Rejected(RejectionKind.CONFIGURATION, "404", "Tryton has no such database or record")
    outcome = after_failed_write(result)
    if outcome is not None or not isinstance(result, Reply):
        return outcome or Uncertain("no reply")
    return _refused(result)


def _refused(reply: Reply) -> Submission:
    """Read a 4xx reply; one that is not Tryton's own says nothing about the request."""
    try:
        fields = reply.json()
        text = " ".join(part for part in (fields["message"], fields["description"]) if part)
    except (MalformedReplyError, KeyError, TypeError):
        return Uncertain(f"status {reply.status} without a message of Tryton's")
    kind = next((kind for part, kind in _KINDS if part in text), RejectionKind.VALIDATION)
    return Rejected(kind, str(reply.status), text)
