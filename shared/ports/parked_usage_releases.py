"""The request to look at parked usage again."""

from typing import Protocol

from shared.domain.identifiers import CatalogVersion


class ParkedUsageReleases(Protocol):
    def request(self, version: CatalogVersion) -> None:
        """Have everything parked resolved again; asking twice is harmless. Durable before it returns."""
