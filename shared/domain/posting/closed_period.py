"""What becomes of a document whose accounting period turns out to be closed after it was issued."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from shared.domain.posting.accounting_period import first_day_after


class ClosedPeriodPolicy(StrEnum):
    PERSON = "person"  # somebody looks at each
    NEXT_OPEN = "next_open"  # posted on the first day that is open; invoice date and service periods stay


def days_to_try(posting_date: date, *, closed_through: date | None, today: date) -> Iterator[date]:
    """Yield the days that might be open in place of one that is closed, earliest first; none of them is to come."""
    day = first_day_after(posting_date)
    if closed_through is not None and closed_through >= posting_date:
        day = closed_through + timedelta(days=1)
    while day <= today:
        yield day
        day = first_day_after(day)
