"""Count usage a second time, from the archive, in the plainest way there is, and compare it with the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import AggregateState, WindowKey, WindowUsage, merge, quantity_of
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.money import EXACT
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import plain_quantity

_WINDOW_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Counted:
    """What one side says of a window."""

    events: int
    quantity: Decimal

    def __str__(self) -> str:
        return f"{self.events} events, {plain_quantity(self.quantity)}"


NOTHING = Counted(0, Decimal(0))


@dataclass(frozen=True, slots=True)
class Difference:
    """A window of which archive and ledger say different things."""

    key: WindowKey
    ledger: Counted
    archive: Counted

    def __str__(self) -> str:
        dimensions = "".join(f" {name}={value}" for name, value in self.key.dimensions)
        window = f"{self.key.meter} {self.key.window_start:%Y-%m-%dT%H:%MZ}{dimensions}"
        return f"{window}: ledger {self.ledger}; archive {self.archive}"


@dataclass(slots=True)
class _Tally:
    """Everything that any aggregation needs of a window's events, kept as it is, without mergeable states."""

    aggregation: Aggregation
    events: int = 0
    total: Decimal = Decimal(0)
    greatest: Decimal = Decimal(0)
    latest: tuple[datetime, str, str] | None = None
    latest_value: Decimal = Decimal(0)
    unique_keys: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, event: UsageEvent) -> None:
        self.events += 1
        match self.aggregation:
            case Aggregation.SUM:
                self.total = EXACT.add(self.total, event.quantity)
            case Aggregation.COUNT:
                pass
            case Aggregation.MAX:
                self.greatest = max(self.greatest, event.quantity)
            case Aggregation.LATEST:
                place = (event.occurred_at, event.source, event.event_id)
                if self.latest is None or place > self.latest:
                    self.latest, self.latest_value = place, event.quantity
            case Aggregation.UNIQUE:
                # An event that names nothing counts as itself.
                named = event.unique_key
                self.unique_keys.add((event.source, event.event_id) if named is None else (named,))
            case _ as never:
                assert_never(never)

    def counted(self) -> Counted:
        quantities = {
            Aggregation.SUM: self.total,
            Aggregation.COUNT: Decimal(self.events),
            Aggregation.MAX: self.greatest,
            Aggregation.LATEST: self.latest_value,
            Aggregation.UNIQUE: Decimal(len(self.unique_keys)),
        }
        return Counted(self.events, quantities[self.aggregation])


class Recount:
    """The archive's side: one tally for each window, of distinct events only (the caller sees to that)."""

    def __init__(self, meters: Mapping[MeterCode, Meter]) -> None:
        self._meters = meters
        self._tallies: dict[WindowKey, _Tally] = {}

    def count(self, event: UsageEvent, customer_id: CustomerId) -> None:
        """Count an event. One of a meter that the catalogue lost shows as a window that only the ledger has."""
        meter = self._meters.get(event.meter)
        if meter is None:
            return
        dimensions = tuple(pair for pair in event.dimensions if pair[0] in meter.dimensions)
        key = WindowKey(customer_id, event.meter, _window_start(event.occurred_at), dimensions)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = _Tally(meter.aggregation)
        tally.add(event)

    def compare(self, ledger: Iterable[WindowUsage]) -> Iterator[Difference]:
        """Yield the windows that differ, those that only one side has included."""
        merged = _merged(ledger)
        for key in sorted(merged.keys() | self._tallies.keys()):
            of_ledger = merged.get(key, NOTHING)
            of_archive = self._tallies[key].counted() if key in self._tallies else NOTHING
            if of_ledger != of_archive:
                yield Difference(key, of_ledger, of_archive)


def _window_start(occurred_at: datetime) -> datetime:
    return occurred_at.replace(
        minute=occurred_at.minute - occurred_at.minute % _WINDOW_MINUTES, second=0, microsecond=0
    )


def _merged(windows: Iterable[WindowUsage]) -> dict[WindowKey, Counted]:
    """Merge the ledger's entries. States that do not merge (the meter's aggregation was changed) are added up."""
    states: dict[tuple[WindowKey, type], AggregateState] = {}
    events: dict[WindowKey, int] = defaultdict(int)
    for window in windows:
        entry = (window.key, type(window.state))
        states[entry] = merge(states[entry], window.state) if entry in states else window.state
        events[window.key] += window.events
    quantities: dict[WindowKey, Decimal] = defaultdict(Decimal)
    for (key, _), state in states.items():
        quantities[key] = EXACT.add(quantities[key], quantity_of(state))
    return {key: Counted(events[key], quantities[key]) for key in events}
