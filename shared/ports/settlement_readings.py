"""Asking for what was paid to be read now, not at the next tick."""

from datetime import datetime
from typing import Protocol

from shared.domain.identifiers import LegalEntityId


class SettlementReadings(Protocol):
    def ask(self, legal_entity_id: LegalEntityId, *, noticed_at: datetime) -> None:
        """Have an entity's ERP read once, some time after every notice of the same minute."""
