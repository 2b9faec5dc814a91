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
_CLOSED_PERIOD_TEXT = "range of allowed posting dates"


def after_refusal(reply: Reply) -> Submission:
    """Return what a 4xx reply means; one that is not Business Central's own says nothing about the request."""
    try:
        error = reply.json()["error"]
        code, text = str(error["code"]), str(error["message"])
    except (MalformedReplyError, KeyError, TypeError):
        return Uncertain(f"status {reply.status} without an error code")
    match code:
        case "Internal_EntityWithSameKeyExists":
            return Duplicate()
        case "Request_EntityChanged":
            return Throttled()  # somebody edits the draft right now
        case "Application_DialogException" if _CLOSED_PERIOD_TEXT in text:
            return Rejected(RejectionKind.PERIOD, code, text)
        case _:
            return Rejected(_KINDS.get(code, RejectionKind.VALIDATION), code, text)
