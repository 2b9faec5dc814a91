"""What closing remembers, shared with the writers whose slices it must not miss."""

from datetime import datetime
from typing import Protocol

from shared.domain.metering.closing import ClosingState
from shared.domain.metering.watermark import Barrier


class ClosingProgress(Protocol):
    def state(self) -> ClosingState:
        """Return what is stored, including what was stored an instant ago."""

    def remember(self, barrier: Barrier, overdue: datetime | None) -> None:
        """Keep the barrier and the overdue slice for the next run."""

    def seal_through(self, *, first_slice: datetime, sealed_through: datetime) -> bool:
        """Say that every slice between the two (UTC) is sealed. Never goes back.

        False: an earlier slice was opened meanwhile, so the claim would not be true; the next run starts there.
        """
