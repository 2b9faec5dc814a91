"""Fusion's refusals. The names AR_... are documented; those of a repeated number and a closed period are not."""

import re
from typing import Any, Final

from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import Rejected, RejectionKind, Uncertain

_KINDS: Final = {
    "AR_BILL_TO_CUST_NOT_FOUND": RejectionKind.CONFIGURATION,
    "AR_BILL_TO_SITE_NOT_FOUND": RejectionKind.CONFIGURATION,
    "AR_BILL_TO_SITE_DUPLICATE": RejectionKind.CONFIGURATION,
    "AR_BU_NOT_FOUND": RejectionKind.PERMISSION,  # a unit that the user may not see is not found
    "AR_BATCH_SOURCE_NOT_FOUND": RejectionKind.CONFIGURATION,
    "AR_FUNC_CURRENCY_REQ": RejectionKind.CONFIGURATION,
    "AR_ITEM_NOT_FOUND": RejectionKind.MAPPING,
    "AR_LINE_ATTR_OPT_REQ": RejectionKind.VALIDATION,
}
_CODE_IN_TEXT: Final = re.compile(r"\((AR-\d+)\)")
UNKNOWN: Final = RejectionKind.VALIDATION


def after_refusal(reply: Reply) -> Rejected | Uncertain:
    """Return what a 4xx reply says; one without a code may be anybody's between Fusion and us."""
    try:
        body = reply.json()
    except MalformedReplyError:
        body = {}
    details = body.get("o:errorDetails")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    text = _text(first, "detail") or _text(body, "detail") or reply.body.decode("utf-8", "replace")
    named = _CODE_IN_TEXT.search(text)
    code = _text(first, "o:errorCode") or _text(body, "o:errorCode") or (named.group(1) if named else "")
    if not code:
        return Uncertain(f"status {reply.status} without an error code")
    return Rejected(_KINDS.get(code, UNKNOWN), code, text)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
