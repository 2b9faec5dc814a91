"""The simulated ERPs refuse what they should, and the figures are those of the contenders."""

from random import Random

import pytest

from benchmarks.erp_traffic import (
    ASKED_AFTER,
    CALLS_OF_A_FOLLOW_UP,
    CALLS_TO_BE_TAKEN,
    REST,
    REST_EVERY,
    Erp,
    SimulatedTime,
)
from benchmarks.pacing import (
    FAST_CALL,
    SLOW_CALL,
    all_knowing,
    alone,
    contests,
    drain,
    drain_into_the_ledger,
    in_turn,
    with_rests,
)
from benchmarks.posting_workers import CountedPacing
from shared.domain.posting.backlog import SWEEP
from shared.domain.posting.pacing import CallLimits
from shared.domain.posting.systems.registry import SYSTEMS

FIVE_AT_A_TIME = CallLimits(concurrency=5)
TWENTY_A_SECOND = CallLimits(concurrency=5, calls_per_minute=1_200)


def refused(limits: CallLimits, *, calls: int, apart: float, call_seconds: float) -> int:
    time = SimulatedTime()
    erp = Erp(time, limits, call_seconds, Random(1))

    def caller() -> object:
        for _ in range(calls):
            time.start(erp.call())  # type: ignore[arg-type]
            yield apart

    time.start(caller())  # type: ignore[arg-type]
    time.run()
    assert erp.calls == calls
    return erp.refused


def test_an_erp_refuses_the_sixth_call_at_a_time_and_the_next_one_of_a_minute() -> None:
    assert refused(FIVE_AT_A_TIME, calls=8, apart=0, call_seconds=SLOW_CALL) == 3
    assert refused(TWENTY_A_SECOND, calls=1_250, apart=0.04, call_seconds=0.02) == 50


def test_an_erp_refuses_everything_while_it_rests() -> None:
    time = SimulatedTime(seconds=REST_EVERY - REST)

    assert Erp(time, FIVE_AT_A_TIME, SLOW_CALL, Random(1)).rest_left() == REST
    assert with_rests(2 * (REST_EVERY - REST)) == 2 * REST_EVERY


@pytest.mark.parametrize(("limits", "call_seconds"), [(FIVE_AT_A_TIME, SLOW_CALL), (TWENTY_A_SECOND, FAST_CALL)])
def test_turns_are_refused_less_than_back_off_and_come_near_to_all_knowing_workers(
    limits: CallLimits, call_seconds: float
) -> None:
    line = CountedPacing()
    ours = drain(limits, call_seconds, 400, in_turn(limits, line), line)
    floor = drain(limits, call_seconds, 400, all_knowing(limits))
    peer = drain(limits, call_seconds, 400, alone(limits))

    assert floor.refused == ours.refused == 0 < peer.refused
    assert floor.held * 0.9 < ours.held <= 1
    assert line.writes < 2 * 400 * 4


def test_what_an_erp_posts_later_is_done_once_it_was_asked_after_within_the_same_limits() -> None:
    ours = drain_into_the_ledger(FIVE_AT_A_TIME, SLOW_CALL, 400, CountedPacing())

    calls = 400 * (CALLS_TO_BE_TAKEN + CALLS_OF_A_FOLLOW_UP)
    assert ours.allowed == calls * SLOW_CALL / 5
    assert ours.allowed < ours.took < ours.allowed + ASKED_AFTER + SWEEP.total_seconds()
    assert ours.refused == 0


def test_every_erp_over_http_is_tried_also_at_what_a_larger_account_permits() -> None:
    tried = {name: limits for (limits, _), names in contests().items() for name in names}

    titles = {name.partition(" (")[0] for name in tried}
    assert titles == {system.title for system in SYSTEMS.values() if system.name != "legacy_files"}
    assert [limits.concurrency for name, limits in tried.items() if "NetSuite" in name] == [5, 15, 65]
    assert {name for name in tried if "our default" in name} == {
        "Dynamics 365 Finance (our default)",
        "Oracle Fusion Cloud ERP (our default)",
    }
