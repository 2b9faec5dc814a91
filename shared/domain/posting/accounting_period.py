"""Accounting periods of a legal entity: what may still begin in one, and when it may close."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.identifiers import LegalEntityId


class PeriodStatus(StrEnum):
    OPEN = "open"
    SOFT_CLOSED = "soft_closed"  # takes no new intents, lets those it has finish
    CLOSED = "closed"  # nothing is sent into it any more


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingPeriod:
    """One calendar month (YYYY-MM of the posting date) of one legal entity, with what is open in it counted.

    `unsettled` are postings, `unrecorded` documents that their tax engine does not have yet; both keep it from closing.

    A period that nobody has touched is open and has none.
    """

    legal_entity_id: LegalEntityId
    name: str
    status: PeriodStatus = PeriodStatus.OPEN
    unsettled: int = 0
    unrecorded: int = 0
