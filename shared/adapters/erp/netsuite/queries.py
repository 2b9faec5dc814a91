"""SuiteQL: queries with all of their pages. One without an answer says why, and what that means for a document."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from shared.adapters.erp.netsuite.errors import before_the_document
from shared.adapters.erp.reply_classes import why_not_read
from shared.adapters.erp.session import CallResult, ErpSession
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import AuthFailed, LookupFailed, Rejected, Throttled

PAGE: Final = 1_000
MOST_ROWS: Final = 100_000  # NetSuite pages no further

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unread:
    """A query without an answer."""

    for_document: Throttled | AuthFailed | Rejected
    reason: str

    @property
    def failed(self) -> LookupFailed:
        return LookupFailed(self.reason)


def rows(session: ErpSession, query: str, *, limit: int = PAGE) -> list[Row] | Unread:
    """Return the first `limit` rows, or fewer; columns that are null are missing from a row."""
    return _page(session, query, limit=limit, offset=0)


def all_rows(session: ErpSession, query: str) -> list[Row] | Unread:
    """Return every row of a query, which must have an order for its pages to be pages of one list."""
    found: list[Row] = []
    while len(found) < MOST_ROWS:
        page = _page(session, query, limit=PAGE, offset=len(found))
        if isinstance(page, Unread):
            return page
        found += page
        if len(page) < PAGE:
            return found
    return Unread(Throttled(), f"there are more than {MOST_ROWS} rows")


def text(value: str) -> str:
    """Return a text as SuiteQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def _page(session: ErpSession, query: str, *, limit: int, offset: int) -> list[Row] | Unread:
    address = f"/query/v1/suiteql?limit={limit}" + (f"&offset={offset}" if offset else "")
    result = session.call("POST", address, body={"q": query}, headers={"Prefer": "transient"})
    found = _rows(result)
    return Unread(before_the_document(result), why_not_read(result)) if found is None else found


def _rows(result: CallResult) -> list[Row] | None:
    if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
        return None
    try:
        found = result.json()["items"]
    except (MalformedReplyError, KeyError):
        return None
    return found if isinstance(found, list) and all(isinstance(row, dict) for row in found) else None
