"""Mergeable states: what a window keeps where a single number would lose the ability to merge."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, assert_never

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.exact_quantity import as_quantity
from shared.domain.metering.levels import Level, in_order
from shared.domain.metering.transactions import Transaction, in_sequence
from shared.domain.money import EXACT, exact_sum
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
class MinState:
    least: Decimal


@dataclass(frozen=True, slots=True)
class AverageState:
    """The sum and how many it is of; it becomes a quotient at the charge's own grain, not before."""

    total: Decimal
    count: int


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


@dataclass(frozen=True, slots=True)
class LevelsState:
    """What a weighted sum is made of: levels in order of time, one an instant."""

    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class TransactionsState:
    """Each transaction by itself, in order: prices that are per transaction cannot be made of a sum."""

    each: tuple[Transaction, ...]


AggregateState: TypeAlias = (
    SumState
    | CountState
    | MaxState
    | MinState
    | AverageState
    | LatestState
    | UniqueState
    | LevelsState
    | TransactionsState
)


class StatesDoNotMergeError(TypeError):
    """Two states of different aggregations met under one meter."""


def merge(left: AggregateState, right: AggregateState) -> AggregateState:  # noqa: PLR0911 - one for each aggregation
    """Merge two states of one meter; associative and commutative. Raises StatesDoNotMergeError for unlike ones."""
    match left, right:
        case SumState(a), SumState(b):
            return SumState(EXACT.add(a, b))
        case CountState(a), CountState(b):
            return CountState(a + b)
        case MaxState(a), MaxState(b):
            return MaxState(max(a, b))
        case MinState(a), MinState(b):
            return MinState(min(a, b))
        case AverageState(a, m), AverageState(b, n):
            return AverageState(EXACT.add(a, b), m + n)
        case LatestState(), LatestState():
            return max(left, right, key=lambda state: (state.occurred_at, state.source, state.event_id, state.value))
        case UniqueState(a), UniqueState(b):
            return UniqueState(a | b)
        case LevelsState(a), LevelsState(b):
            return LevelsState(in_order((*a, *b)))
        case TransactionsState(a), TransactionsState(b):
            return TransactionsState(in_sequence((*a, *b)))
        case _:
            raise StatesDoNotMergeError(f"{type(left).__name__} does not merge with {type(right).__name__}")


def quantity_of(state: AggregateState) -> Decimal:  # noqa: PLR0911 - one for each aggregation
    """Return the quantity that a state stands for, in the meter's unit; of levels, which need a span, the last one."""
    match state:
        case SumState(total):
            return total
        case CountState(count):
            return Decimal(count)
        case MaxState(greatest):
            return greatest
        case MinState(least):
            return least
        case AverageState(total, count):
            return as_quantity(Fraction(total) / count) if count else Decimal(0)
        case LatestState(value=value):
            return value
        case UniqueState(hashes):
            return Decimal(len(hashes))
        case LevelsState(levels):
            return levels[-1].value
        case TransactionsState(each):
            return exact_sum(one.amount for one in each)
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
    """What a slot says of one window: how many events, and their mergeable state.

    One that `restates` states the window anew: what the slots before it in its bucket (for one of the late log, the
    whole base log too) said of its key and kind of state no longer counts. If it does so with no events, nothing of
    that is left, whatever its state. What a void takes back of a sum is negative, its events too.
    """

    key: WindowKey
    events: int
    state: AggregateState
    restates: bool = False


def merge_windows(windows: Iterable[WindowUsage]) -> tuple[WindowUsage, ...]:
    """Bring several readings of one window into one. States of unlike aggregations stay apart.

    Readings of one bucket come in the order of its slots, base log first. Two buckets may hold one window, and neither
    restates the other: readings of several buckets go through settled() first, bucket by bucket.
    """
    merged: dict[tuple[WindowKey, type], WindowUsage] = {}
    for usage in windows:
        key = (usage.key, type(usage.state))
        known = merged.get(key)
        merged[key] = usage if known is None or usage.restates else _together(known, usage)
    return tuple(merged.values())


def settled(windows: Iterable[WindowUsage]) -> tuple[WindowUsage, ...]:
    """Merge all readings of one bucket, in the order of its slots, into what holds; nothing is left to restate.

    A window whose events are all voided is not among them.
    """
    return tuple(
        WindowUsage(usage.key, usage.events, usage.state) if usage.restates else usage
        for usage in merge_windows(windows)
        if usage.events
    )


def _together(known: WindowUsage, usage: WindowUsage) -> WindowUsage:
    if known.restates and not known.events:
        return WindowUsage(usage.key, usage.events, usage.state, restates=True)
    return WindowUsage(known.key, known.events + usage.events, merge(known.state, usage.state), known.restates)
