"""What differs between the mappings of two catalogues: where documents go, and what each of our names is there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data import mapping_names
from shared.domain.master_data.catalog import Catalog, ErpMapping, LegalEntity
from shared.domain.master_data.mapping_names import NamedKey


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingChange:
    """One entry of a legal entity's mapping by both catalogues; None where one of them has none."""

    legal_entity_id: LegalEntityId
    name: str
    before: str | None
    after: str | None


def mapping_changes(before: Catalog, after: Catalog) -> tuple[MappingChange, ...]:
    """Return every entry that only one of them has, or that they map to something else.

    By legal entity; which ERP, connection and company first, then the entries in the order of a mapping.
    """
    was, now = _entities(before), _entities(after)
    return tuple(
        change for entity in sorted({*was, *now}) for change in _changes(entity, was.get(entity), now.get(entity))
    )


def _entities(catalog: Catalog) -> Mapping[LegalEntityId, LegalEntity]:
    return {entity.legal_entity_id: entity for entity in catalog.legal_entities}


def _changes(
    legal_entity_id: LegalEntityId, before: LegalEntity | None, after: LegalEntity | None
) -> Iterator[MappingChange]:
    for entries in _PARTS:
        was, now = (dict(entries(entity.erp)) if entity else {} for entity in (before, after))
        for name in dict.fromkeys((*was, *now)):
            if was.get(name) != now.get(name):
                yield MappingChange(
                    legal_entity_id=legal_entity_id, name=name, before=was.get(name), after=now.get(name)
                )


def _books(erp: ErpMapping) -> Sequence[NamedKey]:
    return [("system", erp.system), ("connection", erp.connection), ("company", erp.company)]


def _settings(erp: ErpMapping) -> Sequence[NamedKey]:
    return [(f"setting {name}", value) for name, value in sorted(erp.settings.items())]


_PARTS: Sequence[Callable[[ErpMapping], Sequence[NamedKey]]] = (
    _books,
    mapping_names.accounts,
    mapping_names.products,
    mapping_names.tax_codes,
    mapping_names.currencies,
    mapping_names.dimensions,
    _settings,
)
