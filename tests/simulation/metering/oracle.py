"""What must come of what was sent, counted by a second, plain model. It shares no code with what it judges.

It knows three things only: what was put on usage-events and when it arrived, the small world of master_data.py, and
which catalogue is published in the end.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from tests.simulation.metering.master_data import (
    LATE_CONTRACT,
    LATE_CONTRACT_SINCE,
    LATE_METER,
    METERS,
    OWNERS,
    WITHOUT_CONTRACT,
    MeterFacts,
)
from tests.simulation.metering.producers import Corrected, Sent, SentEvent

PAST, FUTURE = timedelta(days=35), timedelta(minutes=5)

# Customer, meter, start of the 15 minutes, value of the meter's dimension if it has one.
Window: TypeAlias = tuple[str, str, datetime, str]
# A quantity, or the levels that one is made of.
Quantity: TypeAlias = Fraction | tuple[tuple[datetime, Fraction], ...]
Totals: TypeAlias = Mapping[Window, tuple[int, Quantity]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivery of one event, or of something that is none."""

    delivery: str
    arrived_at: datetime
    event: Sent | None


@dataclass(slots=True)
class Expected:
    """What must have come of all arrivals. `totals` are alternatives, where the producer contradicts itself."""

    refused: dict[str, str] = field(default_factory=dict)  # delivery -> code; "" is any code of a malformed event
    accepted: set[str] = field(default_factory=set)  # deliveries
    parked: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)  # code, subject, meter -> deliveries
    conflicts: set[str] = field(default_factory=set)  # event ids
    two_homes: set[str] = field(default_factory=set)  # those that name events with different homes
    counted: set[Corrected] = field(default_factory=set)  # each event that has a home, voided or not
    voids: dict[Corrected, dict[str, datetime]] = field(default_factory=dict)  # original -> deliveries, and when
    amending: dict[Corrected, set[str]] = field(default_factory=dict)  # original -> event ids
    of_late_contract: dict[SentEvent, set[str]] = field(default_factory=dict)  # refused until it is known: deliveries
    first_arrival: dict[tuple[str, datetime], datetime] = field(default_factory=dict)
    totals: list[Totals] = field(default_factory=list)

    def is_known_by_another(self, delivery: str, published: set[str]) -> bool:
        """Say whether a delivery is of an event of the late contract that went on by another one."""
        return any(delivery in each and each & published for each in self.of_late_contract.values())


def expect(arrivals: Sequence[Arrival], version: int) -> Expected:
    """Say what must come of the arrivals once the catalogue `version` is published and everything is at rest."""
    expected = Expected()
    contents: dict[str, dict[SentEvent, list[Arrival]]] = defaultdict(dict)
    for arrival in arrivals:
        code, event = _refusal(arrival, version), arrival.event
        if code is not None:
            expected.refused[arrival.delivery] = code
            continue
        corrected = event.amends if isinstance(event, SentEvent) else event and event.corrects
        if corrected:
            expected.voids.setdefault(corrected, {})[arrival.delivery] = arrival.arrived_at
        if isinstance(event, SentEvent):
            expected.accepted.add(arrival.delivery)
            if event.contract == LATE_CONTRACT:
                expected.of_late_contract.setdefault(event, set()).add(arrival.delivery)
            contents[event.event_id].setdefault(event, []).append(arrival)
            if event.amends:
                expected.amending.setdefault(event.amends, set()).add(event.event_id)
    choices = [choice for versions in contents.values() for choice in _judge(versions, version, expected)]
    expected.totals = [_totals(chosen) for chosen in product(*choices)]
    return expected


def _refusal(arrival: Arrival, version: int) -> str | None:
    event, arrived_at = arrival.event, arrival.arrived_at
    if event is None:
        return ""
    if isinstance(event, SentEvent) and event.contract == LATE_CONTRACT and version < LATE_CONTRACT_SINCE:
        return "UNKNOWN_CONTRACT_VERSION"
    if isinstance(event, SentEvent) and event.occurred_at < arrived_at - PAST:
        return "EVENT_TOO_OLD"
    return "EVENT_IN_THE_FUTURE" if event.newest_time > arrived_at + FUTURE else None


def _judge(
    versions: Mapping[SentEvent, Sequence[Arrival]], version: int, expected: Expected
) -> Iterator[list[tuple[SentEvent, str]]]:
    """Yield for each home of one id what may be counted there: one content, for one customer."""
    homes: dict[datetime, list[SentEvent]] = defaultdict(list)
    for event, arrivals in versions.items():
        code = _unresolved(event, version)
        if code:
            waiting = expected.parked.setdefault((code, event.subject, event.meter), set())
            waiting |= {arrival.delivery for arrival in arrivals}
            continue
        homes[event.occurred_at].append(event)
        place = (event.event_id, event.occurred_at)
        first = min(arrival.arrived_at for arrival in arrivals)
        expected.first_arrival[place] = min(first, expected.first_arrival.get(place, first))
    if sum(map(len, homes.values())) > 1:
        expected.conflicts |= {event.event_id for events in homes.values() for event in events}
    for events in homes.values():
        if len(homes) > 1:
            expected.two_homes.add(events[0].event_id)
        expected.counted.add(events[0].place)
        if events[0].place in expected.voids:
            continue
        yield [(event, owner) for event in events for owner in _owners(event.subject, version)]


def _unresolved(event: SentEvent, version: int) -> str:
    if event.subject not in OWNERS[version]:
        return "UNKNOWN_CUSTOMER"
    if event.meter not in METERS or (event.meter == LATE_METER and version < len(OWNERS) - 1):
        return "UNKNOWN_METER"
    return "NO_ACTIVE_SUBSCRIPTION" if OWNERS[version][event.subject] == WITHOUT_CONTRACT else ""


def _owners(subject: str, version: int) -> list[str]:
    """Return whose the subject was or is: enrichment goes by the catalogue of its moment."""
    return sorted({owners[subject] for owners in OWNERS[: version + 1] if subject in owners})


def _totals(chosen: Sequence[tuple[SentEvent, str]]) -> Totals:
    members: dict[Window, list[SentEvent]] = defaultdict(list)
    for event, customer in chosen:
        start = event.occurred_at.replace(minute=event.occurred_at.minute // 15 * 15, second=0, microsecond=0)
        region = event.region if METERS[event.meter].dimensions else ""
        members[customer, event.meter, start, region].append(event)
    return {window: (len(events), _quantity(METERS[window[1]], events)) for window, events in members.items()}


def _quantity(meter: MeterFacts, events: Sequence[SentEvent]) -> Quantity:
    in_order = sorted(events, key=lambda event: (event.occurred_at, event.event_id))
    quantities = [Fraction(event.quantity) for event in in_order]
    named = {event.unique_key for event in events if event.unique_key is not None}
    by_aggregation: Mapping[str, Callable[[], Quantity]] = {
        "sum": lambda: sum(quantities, Fraction(0)),
        "transactions": lambda: sum(quantities, Fraction(0)),
        "count": lambda: Fraction(len(events)),
        "max": lambda: max(quantities),
        "min": lambda: min(quantities),
        "average": lambda: _to_18_decimals(sum(quantities, Fraction(0)) / len(events)),
        "latest": lambda: quantities[-1],
        "unique": lambda: Fraction(len(named) + sum(event.unique_key is None for event in events)),
        "weighted_sum": lambda: tuple(sorted({one.occurred_at: Fraction(one.quantity) for one in in_order}.items())),
    }
    return by_aggregation[meter.aggregation]()


def _to_18_decimals(exact: Fraction) -> Fraction:
    return Fraction((exact * 10**18 + Fraction(1, 2)).__floor__(), 10**18)
