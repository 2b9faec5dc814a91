"""A system counts the calls that are really under way, and those of the last minutes."""

from datetime import UTC, datetime, timedelta

from simulators.http.limits import CallLimits

NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)


def test_a_call_under_way_holds_its_place_until_it_is_answered() -> None:
    limits = CallLimits(at_once=1)

    with limits.under_way():
        assert limits.admits(NOON)
        with limits.under_way():
            assert not limits.admits(NOON)
        assert limits.admits(NOON)

    assert limits.refused == 1


def test_a_sliding_window_forgets_calls_and_never_counts_refused_ones() -> None:
    limits = CallLimits(in_window=2)

    assert [limits.admits(NOON + timedelta(minutes=minute)) for minute in (0, 1, 2)] == [True, True, False]
    assert [limits.admits(NOON + timedelta(minutes=minute)) for minute in (5, 5, 6)] == [True, False, True]
