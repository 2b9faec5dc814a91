"""What heartbeats claim to have sent, held against what is here. All of it comes in any order, late, and repeatedly."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from shared.domain.time_period import format_instant

# A heartbeat about a time may come later than the events of it. Only after that is an event too many a contradiction.
LATE_HEARTBEATS = timedelta(hours=1)


@dataclass(frozen=True, slots=True, order=True)
class ClaimedPeriod:
    """A period (half-open, UTC) of a source's events, by their own time, that a heartbeat speaks of."""

    source: str
    start: datetime
    end: datetime

    @property
    def day(self) -> "SourceDay":
        return SourceDay(self.source, self.start.date())


@dataclass(frozen=True, slots=True, order=True)
class SourceDay:
    """All that a source claims about periods that start on one day (UTC): what a person is told of at once."""

    source: str
    day: date


@dataclass(frozen=True, slots=True)
class Claim:
    """One heartbeat's. `arrived_at` is UTC."""

    period: ClaimedPeriod
    sender: str
    events: int
    arrived_at: datetime


@dataclass(slots=True)
class Claims:
    """The greatest claim of each sender about each period.

    A count of a sender only grows, so its greatest claim is its last one: no clock and no order has to be believed.
    """

    _greatest: dict[ClaimedPeriod, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, claim: Claim) -> None:
        of_period = self._greatest[claim.period]
        of_period[claim.sender] = max(claim.events, of_period.get(claim.sender, 0))

    def periods(self) -> Iterable[ClaimedPeriod]:
        return self._greatest.keys()

    def mismatches(self, here: Mapping[ClaimedPeriod, int], settled_before: datetime) -> Iterator["Mismatch"]:
        """Yield the periods of which as many events are not here as were claimed.

        Too few are missing for certain, whenever that is seen. Too many contradict a heartbeat only when all senders
        have had the time to speak of the period, and when nobody speaks of a part of it.
        """
        cut = set(self._cut())
        for period, by_sender in sorted(self._greatest.items()):
            claimed = sum(by_sender.values())
            found = here.get(period, 0)
            decided = period.end + LATE_HEARTBEATS <= settled_before and period not in cut
            if found < claimed or (found > claimed and decided):
                yield Mismatch(period, claimed, found)

    def _cut(self) -> Iterator[ClaimedPeriod]:
        """Yield the periods that overlap another one of their source."""
        reaching: ClaimedPeriod | None = None  # of those that started before, the one with the latest end
        for period in sorted(self._greatest):
            if reaching is not None and reaching.source == period.source and period.start < reaching.end:
                yield from (reaching, period)
            if reaching is None or reaching.source != period.source or reaching.end < period.end:
                reaching = period


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How many events of a period were claimed, and how many are here."""

    period: ClaimedPeriod
    claimed: int
    here: int

    def __str__(self) -> str:
        return f"{format_instant(self.period.start)}..{format_instant(self.period.end)}: {self.here} of {self.claimed}"
