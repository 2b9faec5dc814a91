"""How far claims are verified, in memory (port VerifiedClaims)."""

from datetime import datetime


class InMemoryVerifiedClaims:
    def __init__(self) -> None:
        self._until: datetime | None = None

    def until(self) -> datetime | None:
        return self._until

    def remember(self, until: datetime) -> None:
        self._until = max(until, self._until or until)
