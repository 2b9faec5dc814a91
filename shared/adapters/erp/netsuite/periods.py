"""NetSuite's accounting periods, by SuiteQL: which one a date falls into, and which month one is."""

from datetime import date
from http import HTTPStatus
from typing import Any

from shared.adapters.erp.netsuite.errors import before_the_document
from shared.adapters.erp.reply_classes import why_not_read
from shared.adapters.erp.session import CallResult, ErpSession
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import AuthFailed, LookupFailed, Rejected, RejectionKind, Throttled

_BASE_PERIOD = "isposting = 'T' AND isquarter = 'F' AND isyear = 'F'"


def period_containing(session: ErpSession, day: date) -> str | Rejected | Throttled | AuthFailed:
    """Return the internal id of the open base period of a day.

    It is sent explicitly: an account may move a document without one into another period and say nothing.
    """
    on_the_day = f"TO_DATE('{day.isoformat()}', 'YYYY-MM-DD')"
    result = _query(
        session,
        f"SELECT id, closed, arlocked FROM accountingperiod WHERE {_BASE_PERIOD}"  # noqa: S608 - a date and constants
        f" AND startdate <= {on_the_day} AND enddate >= {on_the_day}",
    )
    rows = _rows(result)
    if rows is None:
        return before_the_document(result)
    if len(rows) != 1:
        return Rejected(RejectionKind.PERIOD, "NO_SINGLE_PERIOD", f"{len(rows)} accounting periods hold {day}")
    if "T" in {rows[0].get("closed"), rows[0].get("arlocked")}:
        return Rejected(RejectionKind.PERIOD, "PERIOD_CLOSED", f"the accounting period of {day} is closed for AR")
    return str(rows[0]["id"])


def period_name(session: ErpSession, period_id: str) -> str | LookupFailed:
    """Return the month (YYYY-MM) in which a period starts."""
    if not period_id.isdigit():
        return LookupFailed("the accounting period has no internal id")
    result = _query(
        session,
        "SELECT TO_CHAR(startdate, 'YYYY-MM-DD') AS startdate FROM accountingperiod"  # noqa: S608 - digits only
        f" WHERE id = {period_id}",
    )
    rows = _rows(result)
    if not rows:
        return LookupFailed(f"accounting period {period_id}: {why_not_read(result)}")
    try:
        return date.fromisoformat(str(rows[0]["startdate"])).strftime("%Y-%m")
    except (KeyError, ValueError):
        return LookupFailed(f"accounting period {period_id} has no start")


def _query(session: ErpSession, query: str) -> CallResult:
    return session.call("POST", "/query/v1/suiteql?limit=10", body={"q": query}, headers={"Prefer": "transient"})


def _rows(result: CallResult) -> list[dict[str, Any]] | None:
    if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
        return None
    try:
        rows = result.json()["items"]
    except (MalformedReplyError, KeyError):
        return None
    return rows if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else None
