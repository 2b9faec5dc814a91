"""Which version of master data is read from, and how sure that is."""

from typing import Protocol

from shared.domain.identifiers import CatalogVersion
from shared.domain.master_data.freshness import VersionInUse


class CatalogVersions(Protocol):
    """After either call, master data is read from the version that was returned."""

    def recent(self) -> VersionInUse:
        """Return a version that was in force not long ago; raise what asking raised when that is too long ago."""

    def latest(self) -> CatalogVersion | None:
        """Return the version in force now; raise when that cannot be told."""
