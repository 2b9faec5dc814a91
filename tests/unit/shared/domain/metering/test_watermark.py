"""What has passed the barrier has passed every stage."""

from datetime import UTC, datetime, timedelta

from shared.domain.metering.watermark import (
    CLOCK_SKEW,
    Barrier,
    Checkpoint,
    Look,
    Mark,
    ShardPosition,
    advance,
    reached,
)

NOW = datetime(2026, 1, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)


def behind(hours: int) -> ShardPosition:
    return ShardPosition(Checkpoint("1", NOW - hours * HOUR), drained=False)


def looks(*stages: datetime | None, at: datetime = NOW) -> list[Look]:
    """Look at all stages in no time."""
    return [Look(at, stage) for stage in stages]


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
    assert advance(Barrier(), looks(NOW, NOW, NOW)).complete_until == NOW


def test_a_stage_must_reach_the_time_of_the_look_at_the_one_before() -> None:
    first = advance(Barrier(), looks(NOW - HOUR, NOW - HOUR, NOW))
    assert first == Barrier(marks=(Mark(NOW - HOUR, NOW), None), complete_until=None)

    second = advance(first, looks(NOW, NOW - timedelta(minutes=1), NOW + HOUR, at=NOW + HOUR))
    assert second.complete_until is None

    third = advance(second, looks(NOW + HOUR, NOW, NOW + 2 * HOUR, at=NOW + 2 * HOUR))
    assert third.complete_until == NOW - HOUR


def test_what_a_stage_published_while_it_was_looked_at_must_be_read_too() -> None:
    """Ingest is drained, and looking took three minutes; enrich has read what was published in the first of them."""
    a_minute_on, three_on = NOW + timedelta(minutes=1), NOW + timedelta(minutes=3)

    barrier = advance(Barrier(), [Look(NOW, NOW), Look(three_on, a_minute_on), Look(three_on, three_on)])

    assert barrier == Barrier(marks=(Mark(NOW, three_on), None), complete_until=None)


def test_a_stage_that_falls_back_takes_nothing_back() -> None:
    passed = advance(Barrier(), looks(NOW, NOW, NOW))

    assert advance(passed, looks(None, None, None, at=NOW + HOUR)).complete_until == NOW


def test_a_pending_mark_is_kept_until_it_is_reached() -> None:
    barrier = Barrier()
    for hour in range(5):
        look = NOW + hour * HOUR
        barrier = advance(barrier, looks(look, NOW - HOUR, look, at=look))

    assert barrier.marks[0] == Mark(NOW, NOW)
