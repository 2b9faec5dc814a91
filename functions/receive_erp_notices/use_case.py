"""Tell an ERP's notice from a forged one, and ask for what was paid to be read. The notice itself tells nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.notices import is_authentic, wants_notices
from shared.ports.master_data import MasterData
from shared.ports.settlement_readings import SettlementReadings


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReceiver:
    """`token_of` a connection is what only we and its ERP know; it raises where there is none."""

    master_data: MasterData
    token_of: Callable[[str], str]
    readings: SettlementReadings

    def receive(self, legal_entity_id: LegalEntityId, claims: Sequence[str], *, received_at: datetime) -> bool:
        """Return whether it was the ERP of the entity that gave notice, and not just anybody."""
        if not claims:
            return False
        self.master_data.version()
        entity = self.master_data.legal_entity(legal_entity_id)
        if entity is None or not wants_notices(entity.erp):
            return False
        if not is_authentic(claims, self.token_of(entity.erp.connection)):
            return False
        self.readings.ask(legal_entity_id, noticed_at=received_at)
        return True
