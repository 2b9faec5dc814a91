"""Windows survive packing exactly, whatever they hold, and merge by laws."""

import zlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import (
    AggregateState,
    CountState,
    LatestState,
    MaxState,
    StatesDoNotMergeError,
    SumState,
    UniqueState,
    WindowKey,
    WindowUsage,
    merge,
    merge_windows,
)
from shared.domain.metering.layout import WINDOW
from shared.domain.metering.packing import UnknownPackingError, pack_windows, packed_parts, unpack_windows

DAY = datetime(2026, 1, 15, tzinfo=UTC)

quantities = st.decimals(min_value=0, max_value=10**15, places=18, allow_nan=False).map(lambda q: q.normalize())
hashes = st.binary(min_size=12, max_size=12).map(bytes.hex)
names = st.text(max_size=20)
instants = st.integers(0, 10**9).map(lambda number: DAY + timedelta(microseconds=number))
states_by_kind: list[st.SearchStrategy[AggregateState]] = [
    st.builds(SumState, quantities),
    st.builds(CountState, st.integers(1, 10**9)),
    st.builds(MaxState, quantities),
    st.builds(LatestState, instants, names, names, quantities),
    st.builds(UniqueState, st.frozensets(hashes, max_size=5)),
]
keys = st.builds(
    WindowKey,
    names.map(CustomerId),
    names.map(MeterCode),
    st.integers(0, 95).map(lambda number: DAY + number * WINDOW),
    st.dictionaries(names, names, max_size=3).map(lambda pairs: tuple(sorted(pairs.items()))),
)
windows = st.builds(WindowUsage, keys, st.integers(0, 10**9), st.one_of(states_by_kind))


@settings(max_examples=40, deadline=None)
@given(st.lists(windows, max_size=12))
def test_windows_come_back_as_they_were(usage: list[WindowUsage]) -> None:
    assert Counter(unpack_windows(pack_windows(usage, DAY), DAY)) == Counter(usage)


@settings(max_examples=40, deadline=None)
@given(st.lists(windows, max_size=10, unique_by=lambda usage: usage.key), st.randoms())
def test_order_makes_no_other_bytes(usage: list[WindowUsage], random: Random) -> None:
    packed = pack_windows(usage, DAY)
    random.shuffle(usage)

    assert pack_windows(usage, DAY) == packed


@settings(max_examples=40, deadline=None)
@given(st.lists(windows, min_size=1, max_size=8, unique_by=lambda usage: usage.key))
def test_parts_are_small_and_hold_everything(usage: list[WindowUsage]) -> None:
    largest = max(len(pack_windows([window], DAY)) for window in usage)
    parts = list(packed_parts(usage, DAY, most_bytes=largest))

    assert max(map(len, parts)) <= largest
    together = merge_windows(window for part in parts for window in unpack_windows(part, DAY))
    assert Counter(together) == Counter(usage)


@given(st.sampled_from(states_by_kind).flatmap(lambda kind: st.tuples(kind, kind, kind)))
def test_merging_does_not_care_about_order_or_grouping(three: tuple[AggregateState, ...]) -> None:
    first, second, third = three

    assert merge(first, second) == merge(second, first)
    assert merge(merge(first, second), third) == merge(first, merge(second, third))


def test_unlike_states_do_not_merge_and_stay_apart() -> None:
    key = WindowKey(CustomerId("acme"), MeterCode("api_calls"), DAY, ())
    total, count = WindowUsage(key, 2, SumState(Decimal(7))), WindowUsage(key, 2, CountState(2))

    with pytest.raises(StatesDoNotMergeError):
        merge(total.state, count.state)
    assert merge_windows([total, count]) == (total, count)


def test_another_format_is_not_guessed_at() -> None:
    with pytest.raises(UnknownPackingError):
        unpack_windows(zlib.compress(b"[2]"), DAY)
