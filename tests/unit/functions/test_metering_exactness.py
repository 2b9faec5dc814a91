"""The ledger counts every event exactly once under every hazard, and this test would see it if it did not."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.aggregate_usage import use_case
from shared.domain.metering.homes import Homes
from shared.domain.metering.layout import Bucket
from shared.domain.metering.log_view import LogView, LogViews
from shared.domain.metering.slot import Content, Log, NumberedSlot, Seal
from shared.domain.metering.tally import UsageRow
from shared.ports.metering_ledger import MeteringLedger
from tests.builders.metered_usage import MeteringWorld
from tests.builders.metering_faults import (
    DAY,
    EnvironmentDiedError,
    FaultyRun,
    NeverDoneError,
    billed,
    counted,
    events,
    expected,
    watch,
)
from tests.fakes.in_memory_metering_ledger import InMemoryMeteringLedger

EVERYTHING = DAY + timedelta(days=4)


def right_after(seed: int, logs: InMemoryMeteringLedger | None = None) -> bool:
    """Say whether a run with this seed ended with every event counted and billed once."""
    run = FaultyRun(seed, world := MeteringWorld(logs=logs))
    try:
        run.run()
    except NeverDoneError:
        return False
    run.hazards.death = run.hazards.zombie = 0
    return counted(world) == billed(world) == expected(run.rows)


@pytest.mark.parametrize("seed", range(60))
def test_deaths_zombies_repeats_and_seals_change_no_total(seed: int) -> None:
    assert right_after(seed)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_order_repetition_and_batches_do_not_matter(data: st.DataObject) -> None:
    rows = events(Random(data.draw(st.integers(0, 50))), 12)
    delivered = data.draw(st.permutations(rows * 2))
    world = MeteringWorld()

    while delivered:
        size = data.draw(st.integers(1, len(delivered)))
        world.count(*delivered[:size], views=None if data.draw(st.booleans()) else LogViews(most_ids=100))
        delivered = delivered[size:]

    assert counted(world) == expected(rows)


def _calls_of_a_whole_day() -> list[str]:
    calls: list[str] = []
    world = MeteringWorld()
    watch(world, calls.append)
    _a_whole_day(world)
    return calls


def _a_whole_day(world: MeteringWorld, rows: Sequence[UsageRow] = tuple(events(Random(7), 20))) -> None:
    """Count, contradict, close, count late usage, close again: every kind of outside call is in it."""
    world.count(*rows[:10])
    world.count(*rows[5:15], {**rows[0], "fingerprint": rows[0]["fingerprint"][:24] + "00000000"})
    world.close(DAY + timedelta(days=2, hours=1))
    world.count(*rows[10:])
    world.close(EVERYTHING)


@pytest.mark.parametrize("place", range(len(_calls_of_a_whole_day())), ids=_calls_of_a_whole_day())
def test_a_death_at_any_call_changes_no_total(place: int) -> None:
    world = MeteringWorld()
    calls = 0

    def die_there(_call: str) -> None:
        nonlocal calls
        calls += 1
        if calls == place + 1:
            raise EnvironmentDiedError

    watch(world, die_there)
    with pytest.raises(EnvironmentDiedError):
        _a_whole_day(world)
    world.views = LogViews(most_ids=1_000)
    _a_whole_day(world)

    assert counted(world) == billed(world) == expected(events(Random(7), 20))
    assert len({record.exception_id for record in world.reporter._port.reported}) == 1


class _PutsWithoutCondition(InMemoryMeteringLedger):
    def put(self, log: Log, number: int, content: Content) -> bool:
        self.slots.setdefault(log, {})[number] = content
        return True


class _LosesAPage(InMemoryMeteringLedger):
    def tail(self, log: Log, after: int) -> tuple[NumberedSlot, ...]:
        return super().tail(log, after)[:1]


class _ReadsWhatIsOld(InMemoryMeteringLedger):
    def tail(self, log: Log, after: int) -> tuple[NumberedSlot, ...]:
        return super().tail(log, after)[:-1]


def _remember_before_the_put(log: Log, number: int, content: Content, view: LogView, logs: MeteringLedger) -> bool:
    view.confirm(number, content)
    return logs.put(log, number, content)


def _bump_without_reading(log: Log, number: int, content: Content, view: LogView, logs: MeteringLedger) -> bool:
    if logs.put(log, number, content):
        view.confirm(number, content)
        return True
    view.last += 1
    return False


def _take_whatever_is_next(log: Log, number: int, content: Content, view: LogView, logs: MeteringLedger) -> bool:
    return _REAL_APPEND(log, view.last + 1, content, view, logs)


def _forget_what_was_sealed(log: Log, ledger: use_case.Ledger) -> LogView:
    view = _REAL_VIEW(log, ledger)
    if view.sealed:
        view.counted = {}
    return view


def _ignore_seals(view: LogView, number: int, content: Content) -> None:
    _REAL_CONFIRM(view, number, content)
    view.sealed = False


def _home_by_batch(homes: Homes, rows: Iterable[UsageRow]) -> dict[Bucket, list[UsageRow]]:
    rows = list(rows)
    found: dict[Bucket, list[UsageRow]] = {}
    for bucket, members in _REAL_BY_BUCKET(homes, rows).items():
        home = Bucket(bucket.version, len(rows) % 2, bucket.slice_start)
        found.setdefault(home, []).extend(members)
    return found


_REAL_APPEND, _REAL_VIEW = use_case._append, use_case._view
_REAL_CONFIRM, _REAL_BY_BUCKET = LogView.confirm, Homes.by_bucket

PATCHES: list[tuple[object, str, Callable[..., object]]] = [
    (use_case, "_append", _remember_before_the_put),
    (use_case, "_append", _bump_without_reading),
    (use_case, "_append", _take_whatever_is_next),
    (use_case, "_view", _forget_what_was_sealed),
    (LogView, "confirm", _ignore_seals),
    (Homes, "by_bucket", _home_by_batch),
]


@pytest.mark.parametrize(("target", "name", "bug"), PATCHES, ids=[patch[2].__name__ for patch in PATCHES])
def test_a_planted_bug_in_the_writer_is_seen(
    monkeypatch: pytest.MonkeyPatch, target: object, name: str, bug: Callable[..., object]
) -> None:
    monkeypatch.setattr(target, name, bug)

    assert not all(right_after(seed) for seed in range(40))


@pytest.mark.parametrize("logs", [_PutsWithoutCondition, _LosesAPage, _ReadsWhatIsOld])
def test_a_store_that_breaks_its_promise_is_seen(logs: type[InMemoryMeteringLedger]) -> None:
    assert not all(right_after(seed, logs()) for seed in range(40))


def test_a_seal_is_the_last_slot_of_every_base_log() -> None:
    logs = InMemoryMeteringLedger()

    FaultyRun(1, MeteringWorld(logs=logs)).run()

    assert all(isinstance(slots[max(slots)], Seal) for log, slots in logs.slots.items() if not log.late)
