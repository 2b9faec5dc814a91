"""Accounting periods of a legal entity: what may still begin in one, and when it may close."""

from collections.abc import Mapping
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

    A period that nobody has touched is open and has none.
    """

    legal_entity_id: LegalEntityId
    name: str
    status: PeriodStatus = PeriodStatus.OPEN
    unsettled: int = 0
    unrecorded: int = 0

    @property
    def subject(self) -> str:
        """Name it to people, among those of all legal entities."""
        return f"{self.legal_entity_id}/{self.name}"


@dataclass(frozen=True, slots=True)
class KnownPeriods:
    """What is known of a legal entity's periods, by name, and when (UTC) its ERP last told; None where it never has.

    `told` are the names that it told of then. One of them that is not among the periods is open, with nothing in it.
    `looked_up_through` is the day through which the catalogue had closed when what may come late was last looked up for
    that.
    """

    periods: Mapping[str, AccountingPeriod]
    checked_at: datetime | None
    told: frozenset[str] = frozenset()
    looked_up_through: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityPeriods:
    """The periods around the present, oldest first, and when (UTC) the entity's ERP last told how they are there.

    `left_alone` is why it was not asked this time, `not_read` why it did not tell; "" where it was, and did.
    """

    legal_entity_id: LegalEntityId
    periods: tuple[AccountingPeriod, ...]
    checked_at: datetime | None
    left_alone: str = ""
    not_read: str = ""


def period_name(month: str, kind: DocumentKind) -> str:
    """Return the period that counts documents of a kind in a month (YYYY-MM).

    ERPs close their receivables before the general ledger, so what customers owe and journals are counted apart.
    """
    return month + _OF_THE_GENERAL_LEDGER if kind is DocumentKind.JOURNAL else month


def period_title(name: str) -> str:
    """Return a period's name as people read it."""
    return f"{month_of(name)} (general ledger)" if name.endswith(_OF_THE_GENERAL_LEDGER) else name


def month_of(name: str) -> str:
    """Return the month (YYYY-MM) of a period by its name."""
    return name.removesuffix(_OF_THE_GENERAL_LEDGER)


def first_day_after(day: date) -> date:
    """Return the first day of the month after a day's."""
    return date(day.year + day.month // _MONTHS, day.month % _MONTHS + 1, 1)
