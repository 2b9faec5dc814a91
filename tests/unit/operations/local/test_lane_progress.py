"""What is next in a lane of a shard after a success, a split or a retry."""

from datetime import UTC, datetime, timedelta

from operations.local.event_sources.lane_progress import ATTEMPTS_AT_ONE_INSTANT, LaneProgress

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)


def lane_at(checkpoint: int = 0) -> LaneProgress:
    return LaneProgress("shardId-000000000000", lane=0, checkpoint=checkpoint)


def test_a_fresh_lane_takes_a_whole_batch() -> None:
    assert lane_at().end() is None


def test_halves_of_halves_come_in_order_and_end_where_the_batch_ended() -> None:
    lane = lane_at(10)
    lane.split([11, 12, 13, 14, 15], NOW)
    lane.move(12)
    lane.split([13, 14, 15], NOW)
    ends = []
    while (end := lane.end()) is not None:
        ends.append(end)
        lane.move(end)

    assert ends == [13, 15]


def test_a_batch_that_is_retried_keeps_its_end_and_counts_its_attempts() -> None:
    lane = lane_at()
    for _ in range(2):
        lane.retry([1, 2, 3], NOW)

    assert lane.end() == 3
    assert lane.attempts == 2


def test_what_lambda_did_not_take_comes_again_as_it_was_and_costs_no_attempt() -> None:
    lane = lane_at()
    lane.not_taken([1, 2, 3], NOW)

    assert (lane.end(), lane.attempts) == (3, 0)


def test_a_split_counts_no_attempt_and_forgets_those_of_the_whole() -> None:
    lane = lane_at()
    lane.retry([1, 2], NOW)
    lane.split([1, 2], NOW)

    assert lane.attempts == 0


def test_what_stands_before_the_rest_is_left_behind() -> None:
    lane = lane_at()
    lane.split_off([3, 4], NOW)

    assert (lane.checkpoint, lane.end(), lane.attempts) == (2, 4, 0)


def test_a_move_into_a_batch_leaves_its_rest_a_batch() -> None:
    lane = lane_at()
    lane.split([1, 2, 3, 4, 5, 6], NOW)
    lane.move(4)

    assert lane.end() == 6


def test_splits_and_retries_share_the_attempts_of_an_instant() -> None:
    lane = lane_at()
    lane.split([1, 2, 3, 4], NOW)
    lane.split([1, 2], NOW)
    assert lane.may_try(NOW)
    for _ in range(ATTEMPTS_AT_ONE_INSTANT - 2):
        lane.retry([1], NOW)

    assert not lane.may_try(NOW)
    assert lane.may_try(LATER)


def test_an_instant_begins_its_count_anew() -> None:
    lane = lane_at()
    for _ in range(ATTEMPTS_AT_ONE_INSTANT):
        lane.retry([1], NOW)
    lane.retry([1], LATER)

    assert lane.may_try(LATER)
    assert lane.attempts == ATTEMPTS_AT_ONE_INSTANT + 1
