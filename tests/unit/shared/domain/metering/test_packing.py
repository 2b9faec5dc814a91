"""Windows survive packing exactly, whatever they hold, and merge by laws."""

import zlib
from base64 import b64decode
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import (
    AggregateState,
    AverageState,
    CountState,
    LatestState,
    LevelsState,
    MaxState,
    MinState,
    StatesDoNotMergeError,
    SumState,
    TransactionsState,
    UniqueState,
    WindowKey,
    WindowUsage,
    merge,
    merge_windows,
    settled,
)
from shared.domain.metering.layout import WINDOW
from shared.domain.metering.levels import Level, in_order
from shared.domain.metering.packing import UnknownPackingError, pack_windows, packed_parts, unpack_windows
from shared.domain.metering.transactions import Transaction, in_sequence

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
    st.builds(MinState, quantities),
    st.builds(AverageState, quantities, st.integers(1, 10**9)),
    st.lists(st.builds(Level, instants, names, names, quantities), min_size=1, max_size=5).map(
        lambda levels: LevelsState(in_order(levels))
    ),
    st.lists(st.builds(Transaction, instants, names, names, quantities), min_size=1, max_size=5).map(
        lambda transactions: TransactionsState(in_sequence(transactions))
    ),
]
keys = st.builds(
    WindowKey,
    names.map(CustomerId),
    names.map(MeterCode),
    st.integers(0, 95).map(lambda number: DAY + number * WINDOW),
    st.dictionaries(names, names, max_size=3).map(lambda pairs: tuple(sorted(pairs.items()))),
)
windows = st.builds(WindowUsage, keys, st.integers(0, 10**9), st.one_of(states_by_kind), st.booleans())


@settings(max_examples=40, deadline=None)
@given(st.lists(windows, max_size=12))
def test_windows_come_back_as_they_were(usage: list[WindowUsage]) -> None:
    assert Counter(unpack_windows(pack_windows(usage, DAY), DAY)) == Counter(merge_windows(usage))


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
    assert merge(merge(first, second), third) == merge(first, merge(second, third)) == merge(third, first, second)


def test_unlike_states_do_not_merge_and_stay_apart() -> None:
    key = WindowKey(CustomerId("acme"), MeterCode("api_calls"), DAY, ())
    total, count = WindowUsage(key, 2, SumState(Decimal(7))), WindowUsage(key, 2, CountState(2))

    with pytest.raises(StatesDoNotMergeError):
        merge(total.state, total.state, count.state)
    assert merge_windows([total, count]) == (total, count)


# What the first release wrote: a sum, a count, a maximum, a latest and a unique state.
FIRST_RELEASE = (
    "eJxtTkkOgzAM/Erls0FJWNt39NQQIRdchMqmJPT9TeCKx5ZmJNszWqIG6vz443Z3bB0g0Da2HU1T5D15ar2lxX3YBr0xfVvnV0sDB+mYvANz/Jg5Eh0H"
    "LA/juoQF3sEYg/cSdV5nWIk7yiwvUIZCVVfxVKq0EIAVFgi6ASVUmQiZyOIpxCO2TMVRrwbw1kBn55NE90SevG7AxOzva3T9NWJkFawzDHGM+QNknk/8"
)


def test_windows_of_the_first_release_are_still_read() -> None:
    latest = LatestState(DAY + timedelta(seconds=1), "crm", "seat-1", Decimal(8))

    assert set(unpack_windows(b64decode(FIRST_RELEASE), DAY)) == {
        a_window(SumState(Decimal("12.50")), meter="data_transfer", number=3, events=2, dimensions=(("region", "eu"),)),
        a_window(CountState(7), meter="api_calls", number=40, events=7),
        a_window(MaxState(Decimal(5)), meter="peak_storage", number=41, events=3),
        a_window(latest, meter="seats"),
        a_window(UniqueState(frozenset({"ab" * 12, "cd" * 12})), meter="active_users", number=95, events=2),
    }


def test_a_window_of_many_levels_is_cut_to_fit() -> None:
    levels = tuple(Level(DAY + timedelta(seconds=n), "crm", f"level-{n * n}", Decimal(n)) for n in range(500))
    usage = a_window(LevelsState(levels), events=500, restates=True)

    parts = list(packed_parts([usage], DAY, most_bytes=2_000))

    assert max(map(len, parts)) <= 2_000
    assert merge_windows(window for part in parts for window in unpack_windows(part, DAY)) == (usage,)


def test_a_window_of_many_transactions_is_cut_to_fit_and_none_of_them_is_lost() -> None:
    each = tuple(Transaction(DAY + timedelta(seconds=n), "pay", f"payment-{n * n}", Decimal(n)) for n in range(500))
    usage = a_window(TransactionsState(each), events=500)

    parts = list(packed_parts([usage], DAY, most_bytes=2_000))

    assert max(map(len, parts)) <= 2_000
    assert merge_windows(window for part in parts for window in unpack_windows(part, DAY)) == (usage,)


class NaiveLog:
    """A log that keeps every entry, and works a window out by reading back to where it was last stated anew."""

    def __init__(self, entries: Sequence[WindowUsage]) -> None:
        self.entries = entries

    def usage(self, key: WindowKey, kind: type) -> tuple[int, set[str]]:
        told = [entry for entry in self.entries if (entry.key, type(entry.state)) == (key, kind)]
        anew = max((place for place, entry in enumerate(told) if entry.restates), default=0)
        hashes = (entry.state.hashes for entry in told[anew:] if isinstance(entry.state, UniqueState))
        return sum(entry.events for entry in told[anew:]), {one for some in hashes for one in some}


unique_windows = st.builds(
    WindowUsage,
    st.sampled_from([WindowKey(CustomerId("acme"), MeterCode("active_users"), DAY + n * WINDOW, ()) for n in range(3)]),
    st.integers(1, 9),
    st.builds(UniqueState, st.frozensets(st.sampled_from("abcdef"), min_size=1)),
    st.booleans(),
)


@given(st.lists(unique_windows, max_size=12), st.data())
def test_a_window_stated_anew_forgets_what_slots_before_it_said(slots: list[WindowUsage], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(slots)))
    log = NaiveLog(slots)

    read_in_two = settled([*merge_windows(slots[:cut]), *merge_windows(slots[cut:])])

    assert settled(slots) == read_in_two
    assert {usage.key for usage in read_in_two} == {usage.key for usage in slots}
    for usage in read_in_two:
        assert isinstance(usage.state, UniqueState)
        assert (usage.events, set(usage.state.hashes)) == log.usage(usage.key, UniqueState)
        assert not usage.restates


def test_a_meters_other_aggregation_is_not_restated() -> None:
    counted, summed = a_window(CountState(2), events=2), a_window(SumState(Decimal(7)), events=1, restates=True)

    assert settled([counted, summed]) == (counted, a_window(SumState(Decimal(7)), events=1))


def a_window(
    state: AggregateState,
    *,
    meter: str = "api_calls",
    number: int = 0,
    events: int = 1,
    dimensions: tuple[tuple[str, str], ...] = (),
    restates: bool = False,
) -> WindowUsage:
    key = WindowKey(CustomerId("acme"), MeterCode(meter), DAY + number * WINDOW, dimensions)
    return WindowUsage(key, events, state, restates)


def test_another_format_is_not_guessed_at() -> None:
    with pytest.raises(UnknownPackingError):
        unpack_windows(zlib.compress(b"[2]"), DAY)
