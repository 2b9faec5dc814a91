"""NetSuite's accounting periods, by SuiteQL: which one a date falls into, which month one is, and what is open.

A period is locked for receivables, then for everything, then closed. What is locked is left alone, also where the role
of the integration might pass the lock: an accountant has set it.
"""

from datetime import date
from typing import Final

from shared.adapters.erp.netsuite.queries import Row, Unread, all_rows, rows
from shared.adapters.erp.session import ErpSession
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import AuthFailed, LookupFailed, Rejected, RejectionCode, Throttled
from shared.domain.posting.readings import PeriodReading, Periods

# Periods for adjustments overlap months; what goes into one is an accountant's.
_BASE_PERIOD: Final = "isposting = 'T' AND isquarter = 'F' AND isyear = 'F' AND isadjust = 'F'"


def period_containing(session: ErpSession, day: date, kind: DocumentKind) -> str | Rejected | Throttled | AuthFailed:
    """Return the internal id of the base period of a day, if it is open for a kind of document.

    It is sent explicitly: an account may move a document without one into another period and say nothing.
    """
    on_the_day = f"TO_DATE('{day.isoformat()}', 'YYYY-MM-DD')"
    found = rows(
        session,
        f"SELECT id, closed, {_lock(kind)} AS locked FROM accountingperiod WHERE {_BASE_PERIOD}"  # noqa: S608 - a date
        f" AND startdate <= {on_the_day} AND enddate >= {on_the_day}",
        limit=10,
    )
    if isinstance(found, Unread):
        return found.for_document
    if len(found) != 1:
        return Rejected.of(RejectionCode.NO_SINGLE_PERIOD, f"{len(found)} accounting periods hold {day}")
    if _status(found[0]) is not PeriodStatus.OPEN:
        text = f"the accounting period of {day} is closed or locked for a {kind}"
        return Rejected.of(RejectionCode.PERIOD_CLOSED, text)
    period_id = str(found[0].get("id", ""))
    return period_id if period_id.isdigit() else Throttled()  # not a period: it is asked for again


def period_name(session: ErpSession, period_id: str) -> str | LookupFailed:
    """Return the month (YYYY-MM) in which a period starts."""
    if not period_id.isdigit():
        return LookupFailed("the accounting period has no internal id")
    found = rows(
        session,
        "SELECT TO_CHAR(startdate, 'YYYY-MM-DD') AS startdate FROM accountingperiod"  # noqa: S608 - digits only
        f" WHERE id = {period_id}",
        limit=10,
    )
    if isinstance(found, Unread):
        return LookupFailed(f"accounting period {period_id}: {found.reason}")
    try:
        return _month(found[0])
    except (IndexError, KeyError, ValueError):
        return LookupFailed(f"accounting period {period_id} has no start")


def periods_of(session: ErpSession, kind: DocumentKind) -> Periods:
    found = all_rows(
        session,
        f"SELECT id, TO_CHAR(startdate, 'YYYY-MM-DD') AS startdate, closed, {_lock(kind)} AS locked"  # noqa: S608
        f" FROM accountingperiod WHERE {_BASE_PERIOD} ORDER BY startdate",
    )
    if isinstance(found, Unread):
        return found.failed
    try:
        return tuple(PeriodReading(_month(row), _status(row)) for row in found)
    except (KeyError, ValueError) as error:
        return LookupFailed(f"the accounting periods cannot be read: {type(error).__name__}")


def _lock(kind: DocumentKind) -> str:
    """Return the column that keeps a kind out: journals are no receivables."""
    return "alllocked" if kind is DocumentKind.JOURNAL else "arlocked"


def _status(row: Row) -> PeriodStatus:
    if row.get("closed") == "T":
        return PeriodStatus.CLOSED
    return PeriodStatus.SOFT_CLOSED if row.get("locked") == "T" else PeriodStatus.OPEN


def _month(row: Row) -> str:
    return date.fromisoformat(str(row["startdate"])).strftime("%Y-%m")
