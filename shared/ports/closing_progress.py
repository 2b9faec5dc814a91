"""What closing remembers, shared with the writers whose slices it must not miss."""

from datetime import datetime
from typing import Protocol

from shared.domain.metering.closing import ClosingState
from shared.domain.metering.watermark import Barrier


class ClosingProgress(Protocol):
    def state(self) -> ClosingState:
        """Return what is stored, including what was stored an instant ago."""

    def remember(self, barrier: Barrier) -> None:
        """Keep the barrier for the next run."""

    def replace_overdue(self, known: datetime | None, overdue: datetime | None) -> bool:
        """Keep which slice (UTC) is told of as overdue. False: another run put another in the place of `known`."""

    def seal_through(self, *, first_slice: datetime, sealed_through: datetime) -> bool:
        """Say that every slice between the two (UTC) is sealed. Never goes back.

        False: an earlier slice was opened meanwhile, so the claim would not be true; the next run starts there.
        """
