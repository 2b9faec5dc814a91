"""The accounting periods of legal entities: what may still begin in each, and what is open in it."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Protocol

from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.accounting_period import AccountingPeriod, KnownPeriods, PeriodStatus


class AccountingPeriods(Protocol):
    def read(self, legal_entity_id: LegalEntityId, name: str) -> AccountingPeriod:
        """Return a period (domain/posting/accounting_period.period_name) as it is now."""

    def known(self, legal_entity_id: LegalEntityId) -> KnownPeriods:
        """Return every period that anybody has touched, as they are now; any other is open, with nothing in it."""

    def set_status(self, legal_entity_id: LegalEntityId, name: str, status: PeriodStatus) -> AccountingPeriod | None:
        """Open, soft-close or close a period, and return it; None, and nothing changed, while it may not close."""

    def mark_checked(self, legal_entity_id: LegalEntityId, checked_at: datetime, told: Collection[str]) -> None:
        """Note when (UTC) the entity's ERP has told how its periods are there, and the names of those it told of.

        None where it shows no periods.
        """

    def mark_looked_up(self, legal_entity_id: LegalEntityId, through: date | None) -> None:
        """Note through which day the catalogue had closed when what may come late was looked up for that."""
