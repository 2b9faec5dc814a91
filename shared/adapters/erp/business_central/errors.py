"""Business Central's error codes. Texts are localised: they only refine what the code leaves open."""

from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import (
    Duplicate,
    Rejected,
    RejectionKind,
    Submission,
    Throttled,
    Uncertain,
)

_KINDS = {
    "Internal_InvalidTableRelation": RejectionKind.MAPPING,
    "Internal_RecordNotFound": RejectionKind.CONFIGURATION,
    "Application_DialogException": RejectionKind.VALIDATION,
    "Application_FieldValidationException": RejectionKind.CONFIGURATION,
    "Application_StringExceededLength": RejectionKind.VALIDATION,
}
_FAILED_ITSELF = {"Internal_ServerError", "Internal_TenantUnavailable"}
_CLOSED_PERIOD_TEXT = "range of allowed posting dates"


def after_refusal(reply: Reply) -> Submission:
    """Return what a 4xx reply means; one that is not Business Central's own says nothing about the request."""
    error = _error(reply)
    if error is None:
        return Uncertain(f"status {reply.status} without an error code")
    code, text = error
    match code:
        case _ if code in _FAILED_ITSELF:
            return Uncertain(f"{code}: {text}")
        case "Internal_EntityWithSameKeyExists":
            return Duplicate()
        case "Request_EntityChanged":
            return Throttled()  # somebody edits the draft right now
        case "Application_DialogException" if _CLOSED_PERIOD_TEXT in text:
            return Rejected(RejectionKind.PERIOD, code, text)
        case _:
            return Rejected(_KINDS.get(code, RejectionKind.VALIDATION), code, text)


def has_failed_itself(reply: Reply) -> bool:
    """Whether the service says that it could not do what was asked, with whatever status."""
    error = _error(reply)
    return error is not None and error[0] in _FAILED_ITSELF


def _error(reply: Reply) -> tuple[str, str] | None:
    """Return code and text; None for a reply that has none."""
    try:
        error = reply.json()["error"]
        return str(error["code"]), str(error["message"])
    except (MalformedReplyError, KeyError, TypeError):
        return None
