"""Accounting periods in memory (port AccountingPeriods): those that the postings in memory are counted by."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.accounting_period import AccountingPeriod, KnownPeriods, PeriodStatus
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents


@dataclass(frozen=True, slots=True)
class InMemoryAccountingPeriods:
    intents: InMemoryPostingIntents

    def read(self, legal_entity_id: LegalEntityId, name: str) -> AccountingPeriod:
        return self.intents.accounting_period(legal_entity_id, name)

    def known(self, legal_entity_id: LegalEntityId) -> KnownPeriods:
        names = self.intents.touched_periods(legal_entity_id)
        periods = {name: self.read(legal_entity_id, name) for name in names}
        checked_at, told = self.intents.checked.get(legal_entity_id, (None, frozenset()))
        return KnownPeriods(periods, checked_at, told, self.intents.looked_up_through.get(legal_entity_id))

    def set_status(self, legal_entity_id: LegalEntityId, name: str, status: PeriodStatus) -> AccountingPeriod | None:
        changed = self.intents.set_period_status(legal_entity_id, name, status)
        return self.read(legal_entity_id, name) if changed else None

    def mark_checked(self, legal_entity_id: LegalEntityId, checked_at: datetime, told: Collection[str]) -> None:
        self.intents.checked[legal_entity_id] = checked_at, frozenset(told)

    def mark_looked_up(self, legal_entity_id: LegalEntityId, through: date | None) -> None:
        self.intents.looked_up_through[legal_entity_id] = through
