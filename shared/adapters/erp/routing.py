"""Which ERP a legal entity posts to (ports ErpsInTurn, ReadableErpsInTurn and ReadableErps).

The adapter is named by its system, and imported when it is needed.
"""

from contextlib import AbstractContextManager
from importlib import import_module
from typing import Protocol, cast

from shared.adapters.erp.site import ErpSite
from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.pacing import NotCalled
from shared.domain.posting.systems.registry import SYSTEMS
from shared.ports.erp import ReadableErp
from shared.ports.master_data import MasterData


class _Adapter(Protocol):
    """The module `connect` of each adapter's package."""

    def connect(self, entity: LegalEntity, site: ErpSite) -> ReadableErp: ...


class MappedErpRouting:
    """Routes by the published master data."""

    def __init__(self, master_data: MasterData, site: ErpSite) -> None:
        self._master_data = master_data
        self._site = site

    def erp_for(self, legal_entity_id: LegalEntityId) -> ReadableErp:
        return self.erp_and_books(legal_entity_id)[0]

    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[ReadableErp, str]:
        entity = self._entity(legal_entity_id)
        return self.erp_of(entity), entity.erp.books

    def erp_of(self, entity: LegalEntity) -> ReadableErp:
        if entity.erp.system not in SYSTEMS:
            raise KeyError(f"no adapter for the ERP system {entity.erp.system}")
        # By its name, so that a function pays for the import of those ERPs alone that its tenant has.
        adapter = import_module(f"shared.adapters.erp.{entity.erp.system}.connect")
        return cast("_Adapter", adapter).connect(entity, self._site)

    def turn(self, legal_entity_id: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        return self._site.turn(self._entity(legal_entity_id), document=True)

    def reading_turn(self, legal_entity_id: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        return self._site.turn(self._entity(legal_entity_id), document=False)

    def _entity(self, legal_entity_id: LegalEntityId) -> LegalEntity:
        self._master_data.version()
        entity = self._master_data.legal_entity(legal_entity_id)
        if entity is None:
            raise KeyError(legal_entity_id)
        return entity
