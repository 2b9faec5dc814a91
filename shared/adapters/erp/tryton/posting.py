"""Brings a draft into Tryton's ledger."""

from datetime import date, timedelta
from hashlib import md5
from typing import Final

from shared.adapters.erp.tryton.connection import TrytonConnection, Unread
from shared.adapters.erp.tryton.documents import INVOICE_MODEL
from shared.adapters.erp.tryton.errors import after_failure
from shared.adapters.erp.tryton.journals import MOVE_MODEL
from shared.adapters.http.transport import Reply
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import AuthFailed, ErpRef, Posted, Submission, Throttled

_ONE_DAY: Final = timedelta(days=1)  # a company's today may be that of another time zone


def model_of(kind: DocumentKind) -> str:
    return MOVE_MODEL if kind is DocumentKind.JOURNAL else INVOICE_MODEL


def post(connection: TrytonConnection, ref: ErpRef, document: Document, *, today: date) -> Submission:
    """Post a draft; a refusal is only Tryton's word that it did not do it just now."""
    if isinstance(document, PostingDocument) and document.due_date <= today + _ONE_DAY:
        not_ready = _accept_due_date(connection, ref)
        if not_ready is not None:
            return not_ready
    result = connection.rest("POST", f"{model_of(document.kind)}/{ref.value}/post", body={}, fields=["state"])
    return Posted(ref) if isinstance(result, Reply) and result.succeeded else after_failure(result)


def _accept_due_date(connection: TrytonConnection, ref: ErpRef) -> AuthFailed | Throttled | None:
    """Say beforehand that an invoice may be due in the past: Tryton asks a person who posts it, and refuses others.

    That is a warning, which each user can say yes to, for one record and one kind of warning.
    """
    session = connection.signed_in()
    if isinstance(session, Unread):
        return session.for_document if isinstance(session.for_document, AuthFailed) else Throttled()
    record = md5(f"{INVOICE_MODEL},{ref.value}".encode(), usedforsecurity=False).hexdigest()
    session.call("model.res.user.warning.skip", f"{record}.invoice_payment_term")
    return None
