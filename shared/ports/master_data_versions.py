"""The writing side of master data: a version is written whole, then published by moving one pointer."""

from typing import Protocol

from shared.domain.identifiers import CatalogVersion
from shared.domain.master_data.catalog import Catalog


class MasterDataVersions(Protocol):
    def current(self) -> CatalogVersion | None:
        """Return the published version."""

    def write(self, version: CatalogVersion, catalog: Catalog) -> None:
        """Write all of a version, which nobody reads yet; writing it again, or the rest of it, is the same."""

    def publish(self, version: CatalogVersion, *, amendment_changes: int = 0) -> bool:
        """Make a version the one that is read.

        False, and nothing changes, when a later one is published, or when more changes of recorded amendments were
        made than those with which the version was checked.
        """
