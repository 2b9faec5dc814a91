"""Accounting periods of a company, as they are for a journal: each journal of a period can be closed by itself."""

from shared.adapters.erp.tryton.connection import UNREADABLE, TrytonConnection, Unread
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import PeriodReading, Periods


def periods_of(connection: TrytonConnection, journal: str) -> Periods:
    """Return the periods by their months, oldest first; `journal` is the code of the one that is posted to."""
    domain = [["company", "=", connection.company], ["type", "=", "standard"]]
    periods = connection.rows("account.period", domain, ["start_date", "state"], order=[["start_date", "ASC"]])
    if isinstance(periods, Unread):
        return periods.failed
    of_journal = [["journal.code", "=", journal], ["state", "=", "closed"]]
    closed = connection.rows("account.journal.period", of_journal, ["period"])
    if isinstance(closed, Unread):
        return closed.failed
    closed_for_journal = {row.get("period") for row in closed}
    try:
        return tuple(
            PeriodReading(
                row["start_date"].strftime("%Y-%m"),
                PeriodStatus.OPEN
                if row["state"] == "open" and row["id"] not in closed_for_journal
                else PeriodStatus.CLOSED,
            )
            for row in periods
        )
    except UNREADABLE as error:
        return LookupFailed(f"the periods cannot be read: {type(error).__name__}")
