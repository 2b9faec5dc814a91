"""Accounting periods in memory (port AccountingPeriods): those that the postings in memory are counted by."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.accounting_period import AccountingPeriod, PeriodStatus
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents


@dataclass(frozen=True, slots=True)
class InMemoryAccountingPeriods:
    intents: InMemoryPostingIntents

    def read(self, legal_entity_id: LegalEntityId, name: str) -> AccountingPeriod:
        return self.intents.accounting_period(legal_entity_id, name)

    def set_status(
        self, legal_entity_id: LegalEntityId, name: str, status: PeriodStatus, *, checked_at: datetime | None = None
    ) -> bool:
        return self.intents.set_period_status(legal_entity_id, name, status, checked_at=checked_at)
