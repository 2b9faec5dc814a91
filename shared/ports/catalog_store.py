"""Published catalogues, each stored whole before anyone is told of it."""

from typing import Protocol

from shared.domain.identifiers import CatalogVersion
from shared.domain.master_data.catalog import Catalog


class UnusableCatalogError(ValueError):
    """The stored document is not the catalogue that its version names, or contradicts itself."""


class CatalogStore(Protocol):
    def load(self, key: str, version: CatalogVersion) -> Catalog:
        """Return the catalogue of a version; raises UnusableCatalogError."""
