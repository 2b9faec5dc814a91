"""Count usage a second time, from the archive, in the plainest way there is, and compare it with the ledger."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import WindowKey, WindowUsage, merge, quantity_of
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
    unique_keys: set[str | None] = field(default_factory=set)

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
                self.unique_keys.add(event.unique_key)
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
        key = WindowKey(customer_id, event.meter, window_start(event.occurred_at), dimensions)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = _Tally(meter.aggregation)
        tally.add(event)

    def compare(self, ledger: Iterable[WindowUsage]) -> Iterator[Difference]:
        """Yield the windows that differ, those that only one side has included."""
        merged = _merged(ledger)
        for key in sorted(merged.keys() | self._tallies.keys()):
            of_ledger = Counted(merged[key].events, quantity_of(merged[key].state)) if key in merged else NOTHING
            of_archive = self._tallies[key].counted() if key in self._tallies else NOTHING
            if of_ledger != of_archive:
                yield Difference(key, of_ledger, of_archive)


def window_start(occurred_at: datetime) -> datetime:
    """Return the start of the 15-minute window of UTC that holds the instant."""
    return occurred_at.replace(
        minute=occurred_at.minute - occurred_at.minute % _WINDOW_MINUTES, second=0, microsecond=0
    )


def _merged(windows: Iterable[WindowUsage]) -> dict[WindowKey, WindowUsage]:
    merged: dict[WindowKey, WindowUsage] = {}
    for window in windows:
        known = merged.get(window.key)
        merged[window.key] = (
            window
            if known is None
            else replace(known, events=known.events + window.events, state=merge(known.state, window.state))
        )
    return merged
