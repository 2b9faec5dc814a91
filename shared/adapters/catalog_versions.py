"""Ask seldom which version of master data is published, and outlive a short outage (port CatalogVersions)."""

from datetime import datetime, timedelta

from shared.domain.identifiers import CatalogVersion
from shared.domain.master_data.freshness import Freshness, VersionInUse
from shared.ports.clock import Clock
from shared.ports.master_data import MasterData


class RememberedCatalogVersions:
    """The one that asks: nobody else may ask this master data for its version, which would change it unnoticed."""

    def __init__(self, master_data: MasterData, clock: Clock, freshness: Freshness) -> None:
        self._master_data = master_data
        self._clock = clock
        self._freshness = freshness
        self._version: CatalogVersion | None = None
        self._known_at: datetime | None = None

    def recent(self) -> VersionInUse:
        age = self._age()
        if age is None or self._version is None or age > self._freshness.unasked:
            try:
                self.latest()
            except Exception:
                # Whatever it was: what is known serves on, and its age is told, until it is too old.
                if age is None or age > self._freshness.at_most:
                    raise
                return VersionInUse(version=self._version, age=age)
            age = timedelta(0)
        return VersionInUse(version=self._version, age=age)

    def latest(self) -> CatalogVersion | None:
        asked_at = self._clock.now()
        self._version = self._master_data.version()
        self._known_at = asked_at
        return self._version

    def _age(self) -> timedelta | None:
        return None if self._known_at is None else self._clock.now() - self._known_at
