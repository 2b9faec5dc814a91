"""What asks for a check of mappings, and what it answers to whoever asked for it."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from shared.contracts.catalog.sellers import LegalEntityEntry
from shared.contracts.tick import TickOrQuestion
from shared.domain.identifiers import TenantId
from shared.domain.master_data.catalog import Catalog, LegalEntity
from shared.domain.posting.mapping_check import MappingCheck


class ProposedMappings(BaseModel, frozen=True, extra="forbid"):
    """Who sells by a catalogue that is not published; the rest of it says nothing to an ERP."""

    tenant: TenantId
    legal_entities: tuple[LegalEntityEntry, ...]

    def to_domain(self) -> tuple[LegalEntity, ...]:
        return tuple(entry.to_domain() for entry in self.legal_entities)


class MappingCheckEvent(TickOrQuestion, frozen=True, extra="forbid"):
    """Asks of what is `proposed`, or, without it, of what is published."""

    proposed: ProposedMappings | None = None


def question_of(proposed: Catalog) -> dict[str, Any]:
    """Return the event that asks of the mappings of a catalogue that is not published."""
    entries = tuple(LegalEntityEntry.of(entity) for entity in proposed.legal_entities)
    asked = MappingCheckEvent(proposed=ProposedMappings(tenant=proposed.tenant, legal_entities=entries))
    return asked.model_dump(mode="json", exclude_none=True)


def answer(checks: Sequence[MappingCheck]) -> dict[str, Any]:
    return {
        "entities": [
            {
                "legal_entity": check.entity.legal_entity_id,
                "erp": check.entity.erp.system,
                "connection": check.entity.erp.connection,
                "problems": list(check.problems),
                "unknown": list(check.unknown),
                "not_compared": list(check.not_compared),
            }
            for check in checks
        ]
    }


def refused(refusal: Exception) -> dict[str, Any]:
    """Say why this cannot be asked at all."""
    return {"refused": f"{refusal}"}
