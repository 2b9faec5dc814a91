"""The period that a document names: it must hold the date and be open for what is posted."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from simulators.erp.netsuite import payload
from simulators.erp.netsuite.accounting_periods import AccountingPeriod
from simulators.erp.netsuite.books import AccountBooks
from simulators.erp.netsuite.dialect import business_rule, unknown_reference


def posting_period(
    books: AccountBooks, fields: Mapping[str, Any], day: date, *, receivables: bool, closed: bool
) -> AccountingPeriod:
    """Return the period; journals may go where only receivables are locked. `closed` closes it for this call."""
    period = books.periods.get(payload.internal_id(fields, "postingPeriod"))
    if period is None or not period.is_base:
        raise unknown_reference("postingPeriod", fields["postingPeriod"])
    if not period.holds(day):
        text = "The transaction date you specified is not within the date range of your accounting period."
        raise business_rule(text, path="postingPeriod")
    locked = period.locks_receivables if receivables else period.locks_all
    if closed or period.closed or (locked and not books.passes_locks):
        raise business_rule(f"The accounting period {period.name} is closed or locked.", path="postingPeriod")
    return period
