"""Windows of one slice in few bytes: each is a place in a grid of names, and the grid is written as distances."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from operator import itemgetter, sub
from typing import Any, assert_never

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import (
    AggregateState,
    AverageState,
    CountState,
    LatestState,
    LevelsState,
    MaxState,
    MinState,
    SumState,
    TransactionsState,
    UniqueState,
    WindowKey,
    WindowUsage,
    merge_windows,
)
from shared.domain.metering.layout import WINDOW
from shared.domain.metering.levels import Level
from shared.domain.metering.tally import Tallied
from shared.domain.metering.transactions import Transaction
from shared.domain.time_period import format_instant, parse_instant

_FORMAT = 1
_HASH_DIGITS = 24
_SUM, _COUNT, _MAX, _LATEST, _UNIQUE, _MIN, _AVERAGE, _LEVELS, _TRANSACTIONS = range(9)
_RESTATING = 16  # added to the kind of a window that restates what came before


class UnknownPackingError(ValueError):
    """The packed windows are of a format that this code cannot read."""


def pack_windows(windows: Iterable[WindowUsage], slice_start: datetime) -> bytes:
    """Pack windows of one slot or snapshot, merged in their order; `slice_start` (UTC) is where their slice starts.

    Windows of different keys give equal bytes in any order.
    """
    return pack_tallied([_tallied(usage) for usage in merge_windows(windows)], slice_start)


def pack_tallied(tallied: Sequence[Tallied], slice_start: datetime) -> bytes:
    """Pack what was counted, straight from the tally.

    A window's place counts kind of state, meter, customer, dimensions and time like the digits of one number; sorted,
    the distances between places are small.
    """
    meters = _numbered({one[1] for one in tallied})
    customers = _numbered({one[0] for one in tallied})
    dimensions = _numbered({one[3] for one in tallied})
    times = {start: (start - slice_start) // WINDOW for start in {one[2] for one in tallied}}
    of_meters, of_customers, of_dimensions = len(meters), len(customers), len(dimensions)
    of_times = max(times.values(), default=0) + 1
    placed = []
    for customer, meter, start, pairs, events, state, restates in tallied:
        kind, content = _written(state)
        if restates:
            kind += _RESTATING
        place = (kind * of_meters + meters[meter]) * of_customers + customers[customer]
        placed.append(((place * of_dimensions + dimensions[pairs]) * of_times + times[start], content, events))
    placed.sort(key=itemgetter(0))
    places = [one[0] for one in placed]
    document = (
        _FORMAT,
        list(meters),
        list(customers),
        list(dimensions),
        of_times,
        list(map(sub, places, [0, *places])),
        [one[1] for one in placed],
        [one[2] for one in placed],
    )
    return zlib.compress(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())


def unpack_windows(packed: bytes, slice_start: datetime) -> tuple[WindowUsage, ...]:
    """Read what was packed; raise UnknownPackingError for any other format."""
    packing, *document = json.loads(zlib.decompress(packed))
    if packing != _FORMAT:
        raise UnknownPackingError(f"windows are packed in format {packing}")
    meters, customers, dimension_lists, of_times, distances, contents, events = document
    dimensions = [tuple((name, value) for name, value in pairs) for pairs in dimension_lists]
    windows = []
    for place, content, count in zip(accumulate(distances), contents, events, strict=True):
        rest, time = divmod(place, of_times)
        rest, dimension = divmod(rest, len(dimensions))
        rest, customer = divmod(rest, len(customers))
        kind, meter = divmod(rest, len(meters))
        start = slice_start + time * WINDOW
        key = WindowKey(CustomerId(customers[customer]), MeterCode(meters[meter]), start, dimensions[dimension])
        restates = kind >= _RESTATING
        windows.append(WindowUsage(key, count, _read(kind % _RESTATING, content), restates))
    return tuple(windows)


def packed_parts(windows: Sequence[WindowUsage], slice_start: datetime, *, most_bytes: int) -> Iterator[bytes]:
    """Yield the windows packed into as few parts as halving makes, none greater than that."""
    packed = pack_windows(windows, slice_start)
    if len(packed) <= most_bytes:
        yield packed
        return
    for half in _halves(windows):
        yield from packed_parts(half, slice_start, most_bytes=most_bytes)


def _halves(windows: Sequence[WindowUsage]) -> tuple[Sequence[WindowUsage], Sequence[WindowUsage]]:
    """Cut in two; a single window is cut through what it saw, and its events stay with the first half."""
    if len(windows) > 1:
        ordered = sorted(windows, key=lambda usage: usage.key)
        return ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]
    usage = windows[0]
    first, second = _halved(usage)
    return (WindowUsage(usage.key, usage.events, first, usage.restates),), (WindowUsage(usage.key, 0, second),)


def _halved(usage: WindowUsage) -> tuple[AggregateState, AggregateState]:
    match usage.state:
        case UniqueState(hashes):
            ordered, middle = sorted(hashes), len(hashes) // 2
            return UniqueState(frozenset(ordered[:middle])), UniqueState(frozenset(ordered[middle:]))
        case LevelsState(levels) if len(levels) > 1:
            middle = len(levels) // 2
            return LevelsState(levels[:middle]), LevelsState(levels[middle:])
        case TransactionsState(each) if len(each) > 1:
            middle = len(each) // 2
            return TransactionsState(each[:middle]), TransactionsState(each[middle:])
        case _:
            raise OverflowError(f"one window of {usage.key.customer_id} is too large to store")


def _tallied(usage: WindowUsage) -> Tallied:
    key = usage.key
    return key.customer_id, key.meter, key.window_start, key.dimensions, usage.events, usage.state, usage.restates


def _numbered(names: set[Any]) -> dict[Any, int]:
    return {name: number for number, name in enumerate(sorted(names))}


def _written(  # noqa: PLR0911 - one for each aggregation
    state: AggregateState,
) -> tuple[int, int | str | list[Any]]:
    """Write a state as its kind and its content; whole sums as numbers, every other number as exact text."""
    match state:
        case SumState(total):
            return _SUM, _number(total)
        case CountState(count):
            return _COUNT, count
        case MaxState(greatest):
            return _MAX, _number(greatest)
        case LatestState(occurred_at, source, event_id, value):
            return _LATEST, json.dumps([format_instant(occurred_at), source, event_id, f"{value:f}"])
        case UniqueState(hashes):
            return _UNIQUE, "".join(sorted(hashes))
        case MinState(least):
            return _MIN, _number(least)
        case AverageState(total, count):
            return _AVERAGE, [_number(total), count]
        case LevelsState(each):
            return _LEVELS, [_reported(one) for one in each]
        case TransactionsState(each):
            return _TRANSACTIONS, [_reported(one) for one in each]
        case _ as never:
            assert_never(never)


def _reported(one: Level | Transaction) -> tuple[str, str, str, str]:
    at, source, event_id, value = one
    return format_instant(at), source, event_id, f"{value:f}"


def _number(value: Decimal) -> int | str:
    text = str(value)
    return int(text) if text.isdigit() else f"{value:f}"


def _read(kind: int, content: Any) -> AggregateState:  # noqa: ANN401, PLR0911 - as JSON gives it, for each aggregation
    match kind:
        case 0:
            return SumState(Decimal(content))
        case 1:
            return CountState(content)
        case 2:
            return MaxState(Decimal(content))
        case 3:
            occurred_at, source, event_id, value = json.loads(content)
            return LatestState(parse_instant(occurred_at), source, event_id, Decimal(value))
        case 4:
            hashes = (content[place : place + _HASH_DIGITS] for place in range(0, len(content), _HASH_DIGITS))
            return UniqueState(frozenset(hashes))
        case 5:
            return MinState(Decimal(content))
        case 6:
            total, count = content
            return AverageState(Decimal(total), count)
        case 7:
            levels = (Level(parse_instant(at), source, name, Decimal(value)) for at, source, name, value in content)
            return LevelsState(tuple(levels))
        case 8:
            each = (Transaction(parse_instant(at), source, name, Decimal(value)) for at, source, name, value in content)
            return TransactionsState(tuple(each))
        case _:
            raise UnknownPackingError(f"a window has a state of kind {kind}")
