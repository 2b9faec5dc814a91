"""A clock that stands until it is told to move (port Clock)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class SteadyClock:
    instant: datetime

    def now(self) -> datetime:
        return self.instant
