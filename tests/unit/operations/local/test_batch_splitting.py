"""What is next on a shard after a success, a split or a retry."""

from datetime import UTC, datetime, timedelta

from operations.local.event_sources.batch_splitting import ATTEMPTS_AT_ONE_INSTANT, ShardProgress

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)
BATCH_SIZE = 100


def shard_at(checkpoint: int = 0) -> ShardProgress:
    return ShardProgress("shardId-000000000000", checkpoint)


def test_a_fresh_shard_takes_a_whole_batch() -> None:
    assert shard_at().limit(BATCH_SIZE) == BATCH_SIZE


def test_halves_of_halves_come_in_order_and_end_where_the_batch_ended() -> None:
    shard = shard_at(10)
    shard.split([11, 12, 13, 14, 15], NOW)
    shard.move(12)
    shard.split([13, 14, 15], NOW)
    sizes = []
    while shard.checkpoint < 15:
        sizes.append(shard.limit(BATCH_SIZE))
        shard.move(shard.checkpoint + sizes[-1])

    assert sizes == [1, 2]
    assert shard.limit(BATCH_SIZE) == BATCH_SIZE


def test_a_batch_that_is_retried_keeps_its_size_and_counts_its_attempts() -> None:
    shard = shard_at()
    for _ in range(2):
        shard.retry([1, 2, 3], NOW)

    assert shard.limit(BATCH_SIZE) == 3
    assert shard.attempts == 2


def test_a_split_counts_no_attempt_and_forgets_those_of_the_whole() -> None:
    shard = shard_at()
    shard.retry([1, 2], NOW)
    shard.split([1, 2], NOW)

    assert shard.attempts == 0


def test_what_stands_before_the_rest_is_left_behind() -> None:
    shard = shard_at()
    shard.split_off([3, 4], NOW)

    assert (shard.checkpoint, shard.limit(BATCH_SIZE), shard.attempts) == (2, 2, 0)


def test_a_move_into_a_batch_leaves_its_rest_a_batch() -> None:
    shard = shard_at()
    shard.split([1, 2, 3, 4, 5, 6], NOW)
    shard.move(4)

    assert shard.limit(BATCH_SIZE) == 2


def test_splits_and_retries_share_the_attempts_of_an_instant() -> None:
    shard = shard_at()
    shard.split([1, 2, 3, 4], NOW)
    shard.split([1, 2], NOW)
    assert shard.may_try(NOW)
    for _ in range(ATTEMPTS_AT_ONE_INSTANT - 2):
        shard.retry([1], NOW)

    assert not shard.may_try(NOW)
    assert shard.may_try(LATER)


def test_an_instant_begins_its_count_anew() -> None:
    shard = shard_at()
    for _ in range(ATTEMPTS_AT_ONE_INSTANT):
        shard.retry([1], NOW)
    shard.retry([1], LATER)

    assert shard.may_try(LATER)
    assert shard.attempts == ATTEMPTS_AT_ONE_INSTANT + 1
