"""What becomes of a document whose accounting period turns out to be closed after it was issued."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never

from shared.domain.posting.accounting_period import first_day_after
from shared.domain.posting.document import DocumentKind


class ClosedPeriodPolicy(StrEnum):
    PERSON = "person"  # somebody looks at each
    NEXT_OPEN = "next_open"  # posted on the first day that is open; invoice date and service periods stay
    ACCRUE = "accrue"  # an invoice: the same, and its revenue is accrued in the month of its service

    def moves(self, kind: DocumentKind) -> bool:
        """Whether a document of a kind is posted into another period than the closed one.

        No journal is: it belongs into its month. What a credit note takes from a closed month, a person decides.
        """
        match self:
            case ClosedPeriodPolicy.PERSON:
                return False
            case ClosedPeriodPolicy.NEXT_OPEN:
                return kind is not DocumentKind.JOURNAL
            case ClosedPeriodPolicy.ACCRUE:
                return kind is DocumentKind.INVOICE
            case _ as never:
                assert_never(never)

    def accrues(self, kind: DocumentKind) -> bool:
        return self is ClosedPeriodPolicy.ACCRUE and kind is DocumentKind.INVOICE


def why_closed(posting_date: date, *, closed_through: date | None) -> str | None:
    """Say why nothing is sent, nor posted as a draft, on a day that the catalogue has closed; None where it has not."""
    if closed_through is None or posting_date > closed_through:
        return None
    return f"closed through {closed_through}"


def days_to_try(posting_date: date, *, closed_through: date | None, today: date) -> Iterator[date]:
    """Yield the days that might be open in place of one that is closed, earliest first; none of them is to come."""
    day = first_day_after(posting_date)
    if closed_through is not None and closed_through >= posting_date:
        day = closed_through + timedelta(days=1)
    while day <= today:
        yield day
        day = first_day_after(day)
