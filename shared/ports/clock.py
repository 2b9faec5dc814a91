"""The time, for use cases that are not told it by their event."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the present instant, UTC."""


class PausingClock(Clock, Protocol):
    def pause(self, seconds: float) -> None:
        """Wait. A simulated clock may stand still all the same: who has paused counts on what it waited for."""
