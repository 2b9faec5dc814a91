"""What the last check of each mapping has found that its ERP does not know, for what is about to be issued."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.mapping_check import UnknownName
from shared.domain.posting.readings import ReferenceKind


class MappingFindings(Protocol):
    """They are kept by legal entity and books: another ERP or company says nothing of this one."""

    def record(self, entity: LegalEntity, found: Mapping[ReferenceKind, Sequence[UnknownName]]) -> None:
        """Put what was found in the place of what is known of the same kinds; what was not read stays as it was."""

    def known(self, entity: LegalEntity) -> tuple[UnknownName, ...]:
        """Return what the books of the entity's mapping did not know, of whatever mapping was checked last."""
