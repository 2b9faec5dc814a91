"""The time, for use cases that are not told it by their event."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the present instant, UTC."""
