"""When a company may be posted to: its window of posting dates, and its accounting periods.

A user may have a window of its own, which the API shows to nobody: what looks open may still be refused.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from shared.adapters.erp.business_central.company import Company, Row
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.outcome import LookupFailed, Rejected, RejectionKind, Submission
from shared.domain.posting.readings import PeriodReading, Periods

_NO_DATE: Final = "0001-01-01"
_ANY_RULE: Final = "Application_DialogException"


def refined_refusal(company: Company, outcome: Submission, posting_date: date) -> Submission:
    """Return a refusal by some rule as one of the period, where the window says so: its text may be in any language."""
    if not isinstance(outcome, Rejected) or outcome.code != _ANY_RULE or outcome.kind is RejectionKind.PERIOD:
        return outcome
    window = _window(company)
    if isinstance(window, LookupFailed) or _in_window(posting_date, posting_date, window):
        return outcome
    return Rejected(RejectionKind.PERIOD, outcome.code, outcome.text)


def periods_of(company: Company) -> Periods:
    """Return the months in which a period begins: open where the window takes any of their days."""
    window = _window(company)
    if isinstance(window, LookupFailed):
        return window
    rows = company.rows("accountingPeriods")
    if isinstance(rows, LookupFailed):
        return rows
    try:
        return tuple(_readings(rows, window))
    except (KeyError, TypeError, ValueError) as error:
        return LookupFailed(f"the accounting periods cannot be read: {type(error).__name__}")


def _readings(rows: Iterable[Row], window: tuple[date | None, date | None]) -> Iterable[PeriodReading]:
    closed = {date.fromisoformat(row["startingDate"]): row.get("closed") is True for row in rows}
    for start in sorted(closed):
        last = _last_day(start)
        is_open = not closed[start] and _in_window(start, last, window)
        yield PeriodReading(start.strftime("%Y-%m"), PeriodStatus.OPEN if is_open else PeriodStatus.CLOSED)


def _window(company: Company) -> tuple[date | None, date | None] | LookupFailed:
    rows = company.rows("generalLedgerSetup")
    if isinstance(rows, LookupFailed):
        return rows
    try:
        return _day(rows[0]["allowPostingFrom"]), _day(rows[0]["allowPostingTo"])
    except (IndexError, KeyError, TypeError, ValueError) as error:
        return LookupFailed(f"the general ledger setup cannot be read: {type(error).__name__}")


def _day(value: str) -> date | None:
    return None if value == _NO_DATE else date.fromisoformat(value)


def _in_window(first: date, last: date, window: tuple[date | None, date | None]) -> bool:
    opened, closed = window
    return (opened is None or last >= opened) and (closed is None or first <= closed)


def _last_day(first: date) -> date:
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
