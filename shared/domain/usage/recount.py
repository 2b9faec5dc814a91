"""Count usage a second time, from the archive, in the plainest way there is, and compare it with the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import assert_never

from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import AggregateState, LevelsState, WindowKey, WindowUsage, merge, quantity_of
from shared.domain.metering.exact_quantity import as_quantity
from shared.domain.metering.meter import Aggregation
from shared.domain.money import EXACT
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import plain_quantity
from shared.domain.usage.measurement import Measurement

_WINDOW_MINUTES = 15
_WINDOW = timedelta(minutes=_WINDOW_MINUTES)
_MICROSECOND = timedelta(microseconds=1)


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
    quantities: list[Decimal] = field(default_factory=list)
    levels: dict[tuple[datetime, str, str], Decimal] = field(default_factory=dict)
    unique_keys: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, event: UsageEvent, quantity: Decimal) -> None:
        self.events += 1
        match self.aggregation:
            case Aggregation.COUNT:
                pass
            case Aggregation.SUM | Aggregation.AVERAGE:
                self.total = EXACT.add(self.total, quantity)
            case Aggregation.MAX | Aggregation.MIN:
                self.quantities.append(quantity)
            case Aggregation.LATEST | Aggregation.WEIGHTED_SUM:
                self.levels[event.occurred_at, event.source, event.event_id] = quantity
            case Aggregation.UNIQUE:
                # An event that names nothing counts as itself.
                named = event.unique_key
                self.unique_keys.add((event.source, event.event_id) if named is None else (named,))
            case _ as never:
                assert_never(never)

    def counted(self, window_start: datetime) -> Counted:
        return Counted(self.events, self._quantity(window_start))

    def _quantity(self, window_start: datetime) -> Decimal:  # noqa: PLR0911 - one for each aggregation
        match self.aggregation:
            case Aggregation.SUM:
                return self.total
            case Aggregation.COUNT:
                return Decimal(self.events)
            case Aggregation.AVERAGE:
                return as_quantity(Fraction(self.total) / self.events)
            case Aggregation.MAX:
                return max(self.quantities)
            case Aggregation.MIN:
                return min(self.quantities)
            case Aggregation.LATEST:
                return self.levels[max(self.levels)]
            case Aggregation.WEIGHTED_SUM:
                return _level_time(self.levels, window_start + _WINDOW)
            case Aggregation.UNIQUE:
                return Decimal(len(self.unique_keys))
            case _ as never:
                assert_never(never)


def _level_time(levels: Mapping[tuple[datetime, str, str], Decimal], end: datetime) -> Decimal:
    """Return each level times the seconds until the next one, the last one until the end of the window.

    Of levels at one instant all but the last hold for no time. A window's own levels only: whoever compares windows
    needs no level that carries in.
    """
    total = Decimal(0)
    places = sorted(levels)
    for place, following in pairwise((*places, (end, "", ""))):
        microseconds = (following[0] - place[0]) // _MICROSECOND
        total = EXACT.fma(levels[place], Decimal(microseconds), total)
    return total.scaleb(-6, EXACT)


class Recount:
    """The archive's side: one tally for each window, of distinct measurements only (the caller sees to that)."""

    def __init__(self) -> None:
        self._tallies: dict[WindowKey, _Tally] = {}

    def count(self, event: UsageEvent, customer_id: CustomerId, measured: Measurement) -> None:
        """Count what one meter measures of an event."""
        meter = measured.meter
        key = WindowKey(customer_id, meter.code, _window_start(event.occurred_at), measured.dimensions)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = _Tally(meter.aggregation)
        tally.add(event, measured.quantity)

    def compare(self, ledger: Iterable[WindowUsage]) -> Iterator[Difference]:
        """Yield the windows that differ, those that only one side has included."""
        merged = _merged(ledger)
        for key in sorted(merged.keys() | self._tallies.keys()):
            of_ledger = merged.get(key, NOTHING)
            of_archive = self._tallies[key].counted(key.window_start) if key in self._tallies else NOTHING
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
        quantities[key] = EXACT.add(quantities[key], _quantity_of(state, key))
    return {key: Counted(events[key], quantities[key]) for key in events}


def _quantity_of(state: AggregateState, key: WindowKey) -> Decimal:
    if not isinstance(state, LevelsState):
        return quantity_of(state)
    levels = {(level.occurred_at, level.source, level.event_id): level.value for level in state.levels}
    return _level_time(levels, key.window_start + _WINDOW)
