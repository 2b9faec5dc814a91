"""NetSuite's error codes. The text only refines USER_ERROR, which stands for every business rule."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from shared.adapters.erp.reply_classes import after_failed_write
from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import (
    AuthFailed,
    Duplicate,
    Rejected,
    RejectionKind,
    Submission,
    Throttled,
    Uncertain,
)

_BUSY = {"CONCURRENCY_LIMIT_EXCEEDED", "SSS_REQUEST_LIMIT_EXCEEDED", "REQUEST_LIMIT_EXCEEDED"}
_DUPLICATE = {"DUP_RCRD", "DUP_ENTITY", "IDEMPOTENCY_ERROR"}
_KINDS = {
    "INVALID_KEY_OR_REF": RejectionKind.MAPPING,
    "INSUFFICIENT_PERMISSION": RejectionKind.PERMISSION,
    "INVALID_LOGIN": RejectionKind.PERMISSION,
}
_PERIOD_TEXT = "accounting period"
_CREDITED = "apply."  # where a credit memo names its invoice, which no mapping does


def after_failed_call(result: CallResult) -> Submission:
    """Return what a write without success has come to: by NetSuite's code first, then by the status.

    A refusal for too many requests at once comes with status 429 and with 400.
    """
    if isinstance(result, Reply) and HTTPStatus.BAD_REQUEST <= result.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        detail = _first_detail(result)
        explained = _explained(result, detail) if detail is not None else None
        if explained is not None:
            return explained
    return after_failed_write(result) or Uncertain("a refusal without an error code")


def before_the_document(result: CallResult) -> Throttled | AuthFailed | Rejected:
    """Return what a failed reading or preparing call means for the document, which was not sent yet."""
    match after_failed_call(result):
        case (Throttled() | AuthFailed() | Rejected()) as outcome:
            return outcome
        case _:
            return Throttled(result.retry_after_seconds if isinstance(result, Reply) else None)


def is_absent(reply: Reply) -> bool:
    """Whether NetSuite itself says that there is no such record; a gateway's 404 says nothing about records."""
    return reply.status == HTTPStatus.NOT_FOUND and _first_detail(reply) is not None


def _explained(reply: Reply, detail: Mapping[str, Any]) -> Submission | None:
    status = reply.status
    code, text = str(detail.get("o:errorCode", "")), str(detail.get("detail", ""))
    if code in _BUSY:
        return Throttled(reply.retry_after_seconds or 0)
    if code in _DUPLICATE:
        return Duplicate()
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}:
        return None
    if code == "USER_ERROR" and _PERIOD_TEXT in text.lower():
        return Rejected(RejectionKind.PERIOD, code, text)
    kind = RejectionKind.PERMISSION if status == HTTPStatus.FORBIDDEN else _KINDS.get(code, RejectionKind.VALIDATION)
    if kind is RejectionKind.MAPPING and str(detail.get("o:errorPath", "")).startswith(_CREDITED):
        kind = RejectionKind.VALIDATION
    return Rejected(kind, code, text)


def _first_detail(reply: Reply) -> dict[str, Any] | None:
    try:
        details = reply.json()["o:errorDetails"]
    except (MalformedReplyError, KeyError):
        return None
    return details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else None
