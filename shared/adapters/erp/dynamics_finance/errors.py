"""What a refusal of Dynamics 365 Finance means. It has no codes: prose in an inner error, and 500 for business rules.

Texts are in the language of the application's user, which is to be English: another language leaves every refusal a
VALIDATION, and a failure of the server uncertain.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from shared.adapters.erp.reply_classes import after_failed_write
from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import Duplicate, Rejected, RejectionKind, Submission, Uncertain

_BUSINESS_RULE: Final = ("Write failed for table row of type", "Infolog:")
_EXISTS: Final = "record already exists"
_NOT_THERE: Final = "not found in the related table"
_PERIOD_CLOSED: Final = ("is not open", "is closed", "on hold")


def after_failure(result: CallResult) -> Submission:
    """Return what a write without success has come to."""
    if isinstance(result, Reply):
        refusal = _refusal(result)
        if refusal is not None:
            return refusal
    outcome = after_failed_write(result)
    if outcome is not None:
        return outcome
    return Uncertain(f"status {result.status} without an error of the ERP" if isinstance(result, Reply) else "no reply")


def _refusal(reply: Reply) -> Rejected | Duplicate | None:
    """Return what the ERP itself refuses; None for what only looks like it, and for a server that failed."""
    if reply.status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR}:
        return None
    text = error_text(reply)
    if text is None:
        return None
    if reply.status == HTTPStatus.INTERNAL_SERVER_ERROR and not any(mark in text for mark in _BUSINESS_RULE):
        return None
    if _EXISTS in text:
        return Duplicate()
    return Rejected(_kind(text), str(int(reply.status)), text)


def error_text(reply: Reply) -> str | None:
    """Return the ERP's own words, the innermost ones; None for anybody else's reply."""
    try:
        error: Mapping[str, Any] = reply.json()["error"]
        inner = error.get("innererror") or error
        return str(inner.get("message") or error.get("message", ""))
    except (MalformedReplyError, KeyError, TypeError, AttributeError):
        return None


def _kind(text: str) -> RejectionKind:
    if _NOT_THERE in text:
        return RejectionKind.MAPPING
    if "period" in text.lower() and any(mark in text for mark in _PERIOD_CLOSED):
        return RejectionKind.PERIOD
    return RejectionKind.VALIDATION
