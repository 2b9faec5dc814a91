"""Windows of one slice in few bytes: columns of small numbers into lists of names, then deflated."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, assert_never

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import (
    AggregateState,
    CountState,
    LatestState,
    MaxState,
    SumState,
    UniqueState,
    WindowKey,
    WindowUsage,
)
from shared.domain.metering.layout import WINDOW
from shared.domain.time_period import format_instant, parse_instant
from shared.domain.usage.event import Dimensions

_FORMAT = 1


class UnknownPackingError(ValueError):
    """The packed windows are of a format that this code cannot read."""


class _Names:
    """Numbers names in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def number(self, name: object) -> int:
        return self._numbers.setdefault(name, len(self._numbers))

    def listed(self) -> list[Any]:
        return list(self._numbers)


def pack_windows(windows: Iterable[WindowUsage], slice_start: datetime) -> bytes:
    """Pack windows of the slice that starts there (UTC). Equal windows in any order give equal bytes."""
    customers, meters, dimensions = _Names(), _Names(), _Names()
    rows = [
        (
            meters.number(meter),
            customers.number(customer_id),
            dimensions.number(pairs),
            (window_start - slice_start) // WINDOW,
            events,
            kind,
            state,
        )
        for meter, customer_id, pairs, window_start, kind, state, events in sorted(map(_sortable, windows))
    ]
    document = [_FORMAT, customers.listed(), meters.listed(), dimensions.listed(), list(zip(*rows, strict=True))]
    return zlib.compress(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())


def unpack_windows(packed: bytes, slice_start: datetime) -> tuple[WindowUsage, ...]:
    """Read what pack_windows wrote; raise UnknownPackingError for any other format."""
    packing, customers, meters, dimension_lists, columns = json.loads(zlib.decompress(packed))
    if packing != _FORMAT:
        raise UnknownPackingError(f"windows are packed in format {packing}")
    dimensions = [tuple((name, value) for name, value in pairs) for pairs in dimension_lists]
    return tuple(
        WindowUsage(
            WindowKey(
                CustomerId(customers[customer]),
                MeterCode(meters[meter]),
                slice_start + window * WINDOW,
                dimensions[dimension],
            ),
            events,
            _unpacked_state(kind, state),
        )
        for meter, customer, dimension, window, events, kind, state in zip(*columns, strict=True)
    )


def packed_parts(windows: Sequence[WindowUsage], slice_start: datetime, *, most_bytes: int) -> Iterator[bytes]:
    """Yield the windows packed into as few parts as halving makes, none greater than that."""
    packed = pack_windows(windows, slice_start)
    if len(packed) <= most_bytes:
        yield packed
        return
    for half in _halves(windows):
        yield from packed_parts(half, slice_start, most_bytes=most_bytes)


def _halves(windows: Sequence[WindowUsage]) -> tuple[Sequence[WindowUsage], Sequence[WindowUsage]]:
    """Cut in two; a single window is cut through the keys that it saw, and its events stay with the first half."""
    if len(windows) > 1:
        ordered = sorted(windows, key=_sortable)
        return ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]
    usage = windows[0]
    if not isinstance(usage.state, UniqueState):
        raise OverflowError(f"one window of {usage.key.customer_id} is too large to store")
    hashes = sorted(usage.state.hashes)
    middle = len(hashes) // 2
    return (
        (WindowUsage(usage.key, usage.events, UniqueState(frozenset(hashes[:middle]))),),
        (WindowUsage(usage.key, 0, UniqueState(frozenset(hashes[middle:]))),),
    )


def _sortable(usage: WindowUsage) -> tuple[MeterCode, CustomerId, Dimensions, datetime, int, str, int]:
    key = usage.key
    return key.meter, key.customer_id, key.dimensions, key.window_start, *_packed_state(usage.state), usage.events


def _packed_state(state: AggregateState) -> tuple[int, str]:
    match state:
        case SumState(total):
            return 0, format(total, "f")
        case CountState(count):
            return 1, str(count)
        case MaxState(greatest):
            return 2, format(greatest, "f")
        case LatestState(occurred_at, source, event_id, value):
            return 3, json.dumps([format_instant(occurred_at), source, event_id, format(value, "f")])
        case UniqueState(hashes):
            return 4, "".join(sorted(hashes))
        case _ as never:
            assert_never(never)


_HASH_DIGITS = 24


def _unpacked_state(kind: int, text: str) -> AggregateState:
    match kind:
        case 0:
            return SumState(Decimal(text))
        case 1:
            return CountState(int(text))
        case 2:
            return MaxState(Decimal(text))
        case 3:
            occurred_at, source, event_id, value = json.loads(text)
            return LatestState(parse_instant(occurred_at), source, event_id, Decimal(value))
        case 4:
            hashes = (text[place : place + _HASH_DIGITS] for place in range(0, len(text), _HASH_DIGITS))
            return UniqueState(frozenset(hashes))
        case _:
            raise UnknownPackingError(f"a window has a state of kind {kind}")
