"""The accounting periods of legal entities: what may still begin in each, and what is open in it."""

from datetime import datetime
from typing import Protocol

from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.accounting_period import AccountingPeriod, PeriodStatus


class AccountingPeriods(Protocol):
    def read(self, legal_entity_id: LegalEntityId, name: str) -> AccountingPeriod:
        """Return a period (domain/posting/accounting_period.period_name) as it is now."""

    def set_status(
        self, legal_entity_id: LegalEntityId, name: str, status: PeriodStatus, *, checked_at: datetime | None = None
    ) -> bool:
        """Open, soft-close or close a period; False, and nothing changed, while something open forbids closing.

        `checked_at` is when its ERP told so; a person's change leaves what is known of that.
        """
