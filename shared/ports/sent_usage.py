"""What sources say to have sent, and what of it arrived: both from the archive, which has every delivery."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from shared.domain.producers.claims import Claim, ClaimedPeriod
from shared.domain.time_period import Period


class SentUsageLook(Protocol):
    """One look at what arrived in a period. Each question may be asked more than once."""

    def claims(self) -> Iterator[Claim]:
        """Yield what heartbeats claim, in no order."""

    def events(self, periods: Collection[ClaimedPeriod]) -> Mapping[ClaimedPeriod, int]:
        """Return how many ids of each period's source and time are here: of usage and telemetry, refused or not.

        Periods without any may be absent.
        """


class SentUsage(Protocol):
    def look(self, arrived: Period) -> AbstractContextManager[SentUsageLook]:
        """Read what arrived in a period, which has an end, and keep it for as long as the context is open."""
