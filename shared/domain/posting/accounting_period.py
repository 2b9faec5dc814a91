"""Accounting periods of a legal entity: what may still begin in one, and when it may close."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.document import DocumentKind

_MONTHS = 12
_OF_THE_GENERAL_LEDGER = "#general-ledger"


class PeriodStatus(StrEnum):
    OPEN = "open"
    SOFT_CLOSED = "soft_closed"  # takes no new intents, lets those it has finish
    CLOSED = "closed"  # nothing is sent into it any more


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingPeriod:
    """One calendar month of one legal entity, with what is open in it counted; `name` is what `period_name` returns.

    `unsettled` are postings, `unrecorded` documents that their tax engine does not have yet; both keep it from closing.
    `checked_at` (UTC) is when its ERP last told how it is there; None where nobody has asked.

    A period that nobody has touched is open and has none.
    """

    legal_entity_id: LegalEntityId
    name: str
    status: PeriodStatus = PeriodStatus.OPEN
    unsettled: int = 0
    unrecorded: int = 0
    checked_at: datetime | None = None


def period_name(month: str, kind: DocumentKind) -> str:
    """Return the period that counts documents of a kind in a month (YYYY-MM).

    ERPs close their receivables before the general ledger, so what customers owe and journals are counted apart.
    """
    return month + _OF_THE_GENERAL_LEDGER if kind is DocumentKind.JOURNAL else month


def first_day_after(day: date) -> date:
    """Return the first day of the month after a day's."""
    return date(day.year + day.month // _MONTHS, day.month % _MONTHS + 1, 1)
