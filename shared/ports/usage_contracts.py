"""The usage contracts of the published catalogue."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.usage.contract_definition import ContractDefinition


class UsageContracts(Protocol):
    def published(self) -> Sequence[ContractDefinition]:
        """Return the contracts of the version in force now, none while nothing is published; raise if untold."""
