"""Mergeable states: what a window keeps where a single number would lose the ability to merge."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import TypeAlias, TypeVar, assert_never

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


_State = TypeVar("_State")


class StatesDoNotMergeError(TypeError):
    """Two states of different aggregations met under one meter."""


def merge(*states: AggregateState) -> AggregateState:  # noqa: C901, PLR0911 - one for each aggregation
    """Merge all states of one meter, at least one; in any order. Raises StatesDoNotMergeError for unlike ones."""
    if len(states) == 1:
        return states[0]
    match states[0]:
        case SumState():
            return SumState(reduce(EXACT.add, [one.total for one in _alike(SumState, states)]))
        case CountState():
            return CountState(sum([one.count for one in _alike(CountState, states)]))
        case MaxState():
            return MaxState(max([one.greatest for one in _alike(MaxState, states)]))
        case MinState():
            return MinState(min([one.least for one in _alike(MinState, states)]))
        case AverageState():
            averages = _alike(AverageState, states)
            total = reduce(EXACT.add, [one.total for one in averages])
            return AverageState(total, sum([one.count for one in averages]))
        case LatestState():
            latest = _alike(LatestState, states)
            return max(latest, key=lambda one: (one.occurred_at, one.source, one.event_id, one.value))
        case UniqueState():
            return UniqueState(frozenset().union(*[one.hashes for one in _alike(UniqueState, states)]))
        case LevelsState():
            return LevelsState(in_order([level for one in _alike(LevelsState, states) for level in one.levels]))
        case TransactionsState():
            each = [one for state in _alike(TransactionsState, states) for one in state.each]
            return TransactionsState(in_sequence(each))
        case _ as never:
            assert_never(never)


def _alike(kind: type[_State], states: Sequence[AggregateState]) -> list[_State]:
    alike: list[_State] = [one for one in states if isinstance(one, kind)]
    if len(alike) != len(states):
        kinds = sorted({type(one).__name__ for one in states})
        raise StatesDoNotMergeError(f"these do not merge: {', '.join(kinds)}")
    return alike


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
