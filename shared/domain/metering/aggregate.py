"""Mergeable states: what a window keeps where a single number would lose the ability to merge."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias, assert_never

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.money import EXACT
from shared.domain.usage.event import Dimensions


@dataclass(frozen=True, slots=True)
class SumState:
    total: Decimal


@dataclass(frozen=True, slots=True)
class CountState:
    count: int


@dataclass(frozen=True, slots=True)
class MaxState:
    greatest: Decimal


@dataclass(frozen=True, slots=True)
class LatestState:
    """The value of the greatest (occurred_at, source, event_id): arrival order does not matter."""

    occurred_at: datetime
    source: str
    event_id: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class UniqueState:
    """Keyed hashes of what was seen; a key seen in two windows is one."""

    hashes: frozenset[str]


AggregateState: TypeAlias = SumState | CountState | MaxState | LatestState | UniqueState


class StatesDoNotMergeError(TypeError):
    """Two states of different aggregations met under one meter."""


def merge(left: AggregateState, right: AggregateState) -> AggregateState:
    """Merge two states of one meter; associative and commutative. Raises StatesDoNotMergeError for unlike ones."""
    match left, right:
        case SumState(a), SumState(b):
            return SumState(EXACT.add(a, b))
        case CountState(a), CountState(b):
            return CountState(a + b)
        case MaxState(a), MaxState(b):
            return MaxState(max(a, b))
        case LatestState(), LatestState():
            return max(left, right, key=lambda state: (state.occurred_at, state.source, state.event_id, state.value))
        case UniqueState(a), UniqueState(b):
            return UniqueState(a | b)
        case _:
            raise StatesDoNotMergeError(f"{type(left).__name__} does not merge with {type(right).__name__}")


def quantity_of(state: AggregateState) -> Decimal:
    """Return the quantity that a state stands for, in the meter's unit."""
    match state:
        case SumState(total):
            return total
        case CountState(count):
            return Decimal(count)
        case MaxState(greatest):
            return greatest
        case LatestState(value=value):
            return value
        case UniqueState(hashes):
            return Decimal(len(hashes))
        case _ as never:
            assert_never(never)


@dataclass(frozen=True, slots=True, order=True)
class WindowKey:
    """15 minutes of UTC of one customer, meter and set of dimensions. `window_start` is UTC."""

    customer_id: CustomerId
    meter: MeterCode
    window_start: datetime
    dimensions: Dimensions


@dataclass(frozen=True, slots=True)
class WindowUsage:
    """What the ledger knows of one window: how many events, and their mergeable state."""

    key: WindowKey
    events: int
    state: AggregateState


def merge_windows(windows: Iterable[WindowUsage]) -> tuple[WindowUsage, ...]:
    """Bring several readings of one window into one. States of unlike aggregations stay apart."""
    merged: dict[tuple[WindowKey, type], WindowUsage] = {}
    for usage in windows:
        key = (usage.key, type(usage.state))
        known = merged.get(key)
        merged[key] = usage if known is None else _together(known, usage)
    return tuple(merged.values())


def _together(known: WindowUsage, usage: WindowUsage) -> WindowUsage:
    return WindowUsage(known.key, known.events + usage.events, merge(known.state, usage.state))
