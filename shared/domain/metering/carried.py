"""Levels that carry from one billing period into the next."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.identifiers import MeterCode
from shared.domain.metering.aggregate import LatestState, LevelsState, WindowUsage
from shared.domain.metering.levels import Level
from shared.domain.metering.meter import Aggregation
from shared.domain.usage.event import Dimensions


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class CarriedLevel:
    """The level that a billing period opens with: of one customer's meter and dimensions, when it was last reported.

    `aggregation` is latest or weighted_sum, as the ledger has it.
    """

    meter: MeterCode
    aggregation: Aggregation
    dimensions: Dimensions
    level: Level


def closing_levels(opening: Iterable[CarriedLevel], windows: Iterable[WindowUsage]) -> tuple[CarriedLevel, ...]:
    """Return what a period closes with, given what it opened with and all windows of one customer in it, settled.

    A level of zero is over: nothing of it carries on.
    """
    held: dict[tuple[MeterCode, Aggregation, Dimensions], CarriedLevel] = {}
    for one in (*opening, *_reported(windows)):
        known = held.get((one.meter, one.aggregation, one.dimensions))
        if known is None or one.level > known.level:
            held[one.meter, one.aggregation, one.dimensions] = one
    return tuple(sorted(one for one in held.values() if one.level.value))


def _reported(windows: Iterable[WindowUsage]) -> Iterable[CarriedLevel]:
    for usage in windows:
        match usage.state:
            case LatestState(occurred_at, source, event_id, value):
                yield _last(usage, Aggregation.LATEST, Level(occurred_at, source, event_id, value))
            case LevelsState(levels):
                yield _last(usage, Aggregation.WEIGHTED_SUM, levels[-1])
            case _:
                pass


def _last(usage: WindowUsage, aggregation: Aggregation, level: Level) -> CarriedLevel:
    return CarriedLevel(meter=usage.key.meter, aggregation=aggregation, dimensions=usage.key.dimensions, level=level)
