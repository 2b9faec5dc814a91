"""accountingPeriodStatusLOV: the status of a month, for each ledger and each application that books into it.

O open, F future-enterable, C closed, P permanently closed, N never opened. Receivables (222) can be closed while the
general ledger (101) is still open.
"""

from datetime import date

from simulators.erp.oracle_fusion.books import UnitBooks, last_of_month, months_later
from simulators.erp.oracle_fusion.query import Entity

GENERAL_LEDGER, RECEIVABLES = 101, 222
ENTERABLE = frozenset("OF")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS_AROUND_NOW = 24


def period_name(day: date) -> str:
    """Return the name of a month as most calendars have it, e.g. Mar-26."""
    return f"{MONTHS[day.month - 1]}-{day.year % 100:02}"


def status_of(books: UnitBooks, application: int, day: date) -> str:
    set_by_hand = books.statuses.get((application, day.strftime("%Y-%m")))
    if set_by_hand is not None:
        return set_by_hand
    if books.posting_from is not None and last_of_month(day) < books.posting_from:
        return "C"
    if books.posting_to is not None and day.replace(day=1) > books.posting_to:
        return "N"
    return "O" if day.replace(day=1) <= books.now().date() else "F"


def takes(books: UnitBooks, application: int, day: date) -> bool:
    """Tell whether entries of an application may be dated to a day."""
    return status_of(books, application, day) in ENTERABLE


def next_enterable(books: UnitBooks, application: int, day: date) -> date | None:
    """Return the first day of the next month that takes entries."""
    following = (months_later(day, later) for later in range(1, MONTHS_AROUND_NOW))
    return next((start for start in following if takes(books, application, start)), None)


def period_rows(books: UnitBooks) -> list[Entity]:
    this_month = books.now().date()
    starts = [months_later(this_month, later) for later in range(-MONTHS_AROUND_NOW, MONTHS_AROUND_NOW)]
    return [
        {
            "ApplicationId": application,
            "LedgerId": books.ledger_id,
            "PeriodNameId": period_name(start),
            "ClosingStatus": status_of(books, application, start),
            "StartDate": start.isoformat(),
            "EndDate": last_of_month(start).isoformat(),
            "PeriodYear": start.year,
            "PeriodNumber": start.month,
            "AdjustmentPeriodFlag": False,
        }
        for application in (GENERAL_LEDGER, RECEIVABLES)
        for start in starts
    ]
