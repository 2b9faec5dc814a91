"""Brings a draft into Tryton's ledger."""

from collections.abc import Mapping
from hashlib import md5
from types import MappingProxyType
from typing import Final

from shared.adapters.erp.tryton.connection import TrytonConnection, Unread
from shared.adapters.erp.tryton.documents import INVOICE_MODEL
from shared.adapters.erp.tryton.errors import after_failure
from shared.adapters.erp.tryton.journals import MOVE_MODEL
from shared.adapters.http.transport import Reply
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import AuthFailed, ErpRef, Posted, Rejected, Submission, Throttled

# What Tryton asks a person who posts an invoice, by a part of its text. Our dates are what was issued: yes to both.
# A company's today may be that of another time zone.
_WARNINGS: Final[Mapping[str, str]] = MappingProxyType(
    {"generates a payment date": "invoice_payment_term", "have an invoice date in the future": "invoice_date_future"}
)


def model_of(kind: DocumentKind) -> str:
    return MOVE_MODEL if kind is DocumentKind.JOURNAL else INVOICE_MODEL


def post(connection: TrytonConnection, ref: ErpRef, kind: DocumentKind) -> Submission:
    """Post a draft; a refusal is only Tryton's word that it did not do it just now."""
    outcome = _posted(connection, ref, kind)
    for _ in _WARNINGS:
        warning = _warning(outcome)
        if warning is None:
            break
        not_ready = _accept(connection, ref, warning)
        if not_ready is not None:
            return not_ready
        outcome = _posted(connection, ref, kind)
    return outcome


def _posted(connection: TrytonConnection, ref: ErpRef, kind: DocumentKind) -> Submission:
    result = connection.rest("POST", f"{model_of(kind)}/{ref.value}/post", body={}, fields=["state"])
    return Posted(ref) if isinstance(result, Reply) and result.succeeded else after_failure(result)


def _warning(outcome: Submission) -> str | None:
    """Return the name of what Tryton asks; over REST a question looks like a refusal."""
    if not isinstance(outcome, Rejected):
        return None
    return next((name for part, name in _WARNINGS.items() if part in outcome.text), None)


def _accept(connection: TrytonConnection, ref: ErpRef, warning: str) -> AuthFailed | Throttled | None:
    """Say yes to a question beforehand, as a user does for one record: it counts for the next call."""
    session = connection.signed_in()
    if isinstance(session, Unread):
        return session.for_document if isinstance(session.for_document, AuthFailed) else Throttled()
    record = md5(f"{INVOICE_MODEL},{ref.value}".encode(), usedforsecurity=False).hexdigest()
    session.call("model.res.user.warning.skip", f"{record}.{warning}")
    return None
