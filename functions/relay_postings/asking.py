"""How many postings are asked for at a time: what their ERPs will have done before the sweep after the next."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.backlog import asked_ahead, shared_out
from shared.domain.posting.pacing import call_limits
from shared.domain.posting.systems.registry import SYSTEMS
from shared.ports.call_pacing import CallPacing
from shared.ports.master_data import MasterData
from shared.ports.posting_requests import PostingQueue

# Of entities without an ERP; asking for their postings has them refused, and a person told.
NOWHERE = ""
ASKED_OF_NOWHERE = 100


class Allowance:
    """How many postings may still be asked for, by the connection of their entity."""

    def __init__(self, connections: dict[LegalEntityId, str], left: dict[str, int]) -> None:
        self._connections = connections
        self._left = left

    def takes(self, legal_entity_id: LegalEntityId) -> bool:
        """Count one posting of an entity, if one more may be asked for."""
        connection = self._connections[legal_entity_id]
        if self._left[connection] <= 0:
            return False
        self._left[connection] -= 1
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One queue that postings are asked for in."""

    master_data: MasterData
    pacing: CallPacing
    queue: PostingQueue

    def allowance(self, entities: Iterable[LegalEntityId]) -> Allowance:
        """Return how many postings of these entities may be asked for, beside those that the queue holds."""
        self.master_data.version()
        connections: dict[LegalEntityId, str] = {}
        ahead: dict[str, int] = {}
        for entity_id in set(entities):
            entity = self.master_data.legal_entity(entity_id)
            if entity is None or entity.erp.system not in SYSTEMS:
                connections[entity_id], ahead[NOWHERE] = NOWHERE, ASKED_OF_NOWHERE
                continue
            connections[entity_id] = connection = entity.erp.connection
            limits = call_limits(SYSTEMS[entity.erp.system].capabilities, entity.erp.settings)
            ahead[connection] = asked_ahead(limits, self.pacing.line(connection).usage)
        return Allowance(connections, shared_out(ahead, waiting=self.queue.waiting() if ahead else 0))
