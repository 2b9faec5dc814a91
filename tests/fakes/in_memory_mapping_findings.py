"""What checks of the mappings have found, in memory (port MappingFindings)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.mapping_check import UnknownName
from shared.domain.posting.readings import ReferenceKind


@dataclass(frozen=True, slots=True)
class InMemoryMappingFindings:
    _found: dict[tuple[str, str], dict[ReferenceKind, tuple[UnknownName, ...]]] = field(default_factory=dict)

    def record(self, entity: LegalEntity, found: Mapping[ReferenceKind, Sequence[UnknownName]]) -> None:
        books = self._found.setdefault((entity.legal_entity_id, entity.erp.books), {})
        books |= {kind: tuple(names) for kind, names in found.items()}

    def known(self, entity: LegalEntity) -> tuple[UnknownName, ...]:
        books = self._found.get((entity.legal_entity_id, entity.erp.books), {})
        return tuple(one for kind in sorted(books) for one in books[kind])
