"""When the environment's own batch job takes a draft: some time after its last change, later or never by a fault."""

from datetime import datetime, timedelta

from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.values import Row
from simulators.http.faults import Fault

LATE = timedelta(days=1)
NEVER = frozenset({Fault.POSTING_NEVER, Fault.CLOSED_PERIOD})


def schedule(books: CompanyBooks, draft: Row, fault: Fault | None) -> None:
    """Put a draft down for posting; what a fault did to it once, stays."""
    draft["_late"] = draft.get("_late", False) or fault is Fault.POSTING_LATE
    draft["_never"] = draft.get("_never", False) or fault in NEVER
    delay = books.environment.posting_delay + (LATE if draft["_late"] else timedelta())
    draft["_due_at"] = books.environment.now() + delay


def is_due(draft: Row, now: datetime) -> bool:
    return draft["IsPosted"] == "No" and not draft["_never"] and bool(draft["_lines"]) and draft["_due_at"] <= now
