"""What the meters make of an event: one event may feed several of them, or none."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from shared.domain.metering.expression_parts import Facts, UnmeasurableError
from shared.domain.metering.meter import CURRENCY_DIMENSION, Meter
from shared.domain.usage.event import Dimensions, UsageEvent
from shared.domain.usage.fingerprint import measurement_fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What one meter measures of an event; `dimensions` are those that the meter keeps.

    It is counted once by the identity in its fingerprint: that of the event for the meter which bears the event's own
    name, one of its own for every other meter.
    """

    meter: Meter
    quantity: Decimal
    dimensions: Dimensions
    fingerprint: str  # 32 hex digits: 12 bytes of identity, 4 of the event's content


@dataclass(frozen=True, slots=True)
class Unmeasurable:
    """A meter that would take an event, or might, and cannot say how much of it. `reason` is for people."""

    meter: Meter
    reason: str


MetersByEvent: TypeAlias = Mapping[str, tuple[Meter, ...]]


def meters_by_event(meters: Iterable[Meter]) -> MetersByEvent:
    """Return the meters of each event name, in the order of their codes."""
    found: defaultdict[str, list[Meter]] = defaultdict(list)
    for meter in sorted(meters, key=lambda meter: meter.code):
        found[meter.event].append(meter)
    return {event: tuple(members) for event, members in found.items()}


def measure(event: UsageEvent, fingerprint: str, meters: Iterable[Meter]) -> Iterator[Measurement | Unmeasurable]:
    """Yield what each of the event's meters makes of it; a meter whose filter leaves it out yields nothing."""
    facts: Facts | None = None
    for meter in meters:
        quantity = event.quantity
        if meter.filter is not None or meter.quantity is not None:
            facts = facts or Facts(event.quantity, dict(event.dimensions))
            try:
                if meter.filter is not None and not meter.filter.takes(facts):
                    continue
                if meter.quantity is not None:
                    quantity = meter.quantity.quantity(facts, rounded=CURRENCY_DIMENSION not in meter.dimensions)
            except UnmeasurableError as unmeasurable:
                yield Unmeasurable(meter, str(unmeasurable))
                continue
        yield Measurement(
            meter=meter,
            quantity=quantity,
            dimensions=tuple(pair for pair in event.dimensions if pair[0] in meter.dimensions),
            fingerprint=measurement_fingerprint(event, fingerprint, meter.code),
        )
