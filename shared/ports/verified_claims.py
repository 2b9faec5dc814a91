"""Up to when the claims of heartbeats have been held against what is here."""

from datetime import datetime
from typing import Protocol


class VerifiedClaims(Protocol):
    def until(self) -> datetime | None:
        """Return the arrival (UTC) before which every claim was looked at; None before the first time."""

    def remember(self, until: datetime) -> None:
        """Never goes back."""
