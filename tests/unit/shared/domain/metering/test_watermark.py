"""What has passed the barrier has passed every stage."""

from datetime import UTC, datetime, timedelta

from shared.domain.metering.watermark import CLOCK_SKEW, Barrier, Checkpoint, Mark, ShardPosition, advance, reached

NOW = datetime(2026, 1, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)


def behind(hours: int) -> ShardPosition:
    return ShardPosition(Checkpoint("1", NOW - hours * HOUR), drained=False)


def test_a_stage_is_as_far_as_its_slowest_shard() -> None:
    assert reached([behind(1), behind(3), ShardPosition(None, drained=True)], now=NOW) == NOW - 3 * HOUR - CLOCK_SKEW


def test_drained_shards_are_read_up_to_now() -> None:
    assert (
        reached([ShardPosition(None, drained=True), ShardPosition(Checkpoint("1", NOW - HOUR), drained=True)], now=NOW)
        == NOW
    )


def test_a_shard_that_was_never_read_says_nothing() -> None:
    assert reached([behind(1), ShardPosition(None, drained=False)], now=NOW) is None


def test_when_everything_is_read_all_has_passed_at_once() -> None:
    assert advance(Barrier(), (NOW, NOW, NOW), now=NOW).complete_until == NOW


def test_a_stage_must_reach_the_time_of_the_look_at_the_one_before() -> None:
    first = advance(Barrier(), (NOW - HOUR, NOW - HOUR, NOW), now=NOW)
    assert first == Barrier(marks=(Mark(NOW - HOUR, NOW), None), complete_until=None)

    second = advance(first, (NOW, NOW - timedelta(minutes=1), NOW + HOUR), now=NOW + HOUR)
    assert second.complete_until is None

    third = advance(second, (NOW + HOUR, NOW, NOW + 2 * HOUR), now=NOW + 2 * HOUR)
    assert third.complete_until == NOW - HOUR


def test_a_stage_that_falls_back_takes_nothing_back() -> None:
    passed = advance(Barrier(), (NOW, NOW, NOW), now=NOW)

    assert advance(passed, (None, None, None), now=NOW + HOUR).complete_until == NOW


def test_a_pending_mark_is_kept_until_it_is_reached() -> None:
    barrier = Barrier()
    for hour in range(5):
        look = NOW + hour * HOUR
        barrier = advance(barrier, (look, NOW - HOUR, look), now=look)

    assert barrier.marks[0] == Mark(NOW, NOW)
