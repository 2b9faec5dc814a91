"""Requests to look at parked usage again, in memory."""

from shared.domain.identifiers import CatalogVersion


class InMemoryParkedUsageReleases:
    def __init__(self) -> None:
        self.requested: list[CatalogVersion] = []

    def request(self, version: CatalogVersion) -> None:
        self.requested.append(version)
