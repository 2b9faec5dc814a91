"""Failed batches that are split: a table of rules on one shard, and how shards and instants go together with them."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.local.event_sources.batch_splitting import ATTEMPTS_AT_ONE_INSTANT
from operations.local.event_sources.kinesis import KinesisEventSource
from operations.local.moto_engine.simulated_time import moto_on_simulated_time
from tests.integration.local.stream_harness import (
    Answer,
    Harness,
    crash,
    crash_on,
    fail_at,
    fail_elsewhere,
    once,
    succeed,
)

LOWER, UPPER = "0", str(2**127)  # a hash key of the first shard, and one of the second


@pytest.fixture
def kinesis() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("kinesis")
        client.create_stream(StreamName="usage-events", ShardCount=2)
        yield client


def put(kinesis: Any, harness: Harness, letters: str, shard: str = LOWER) -> None:
    with moto_on_simulated_time(harness.clock):
        for letter in letters:
            kinesis.put_record(StreamName="usage-events", Data=letter, PartitionKey="acme", ExplicitHashKey=shard)


def splitting(harness: Harness, **given: Any) -> KinesisEventSource:
    return harness.source(**{"splits_failed_batches": True, "retry_attempts": 1} | given)


@pytest.mark.parametrize(
    ("rule", "answer", "letters", "given", "batches", "given_up"),
    [
        ("a crash halves the batch", once(crash), "abcd", {}, ["abcd", "ab", "cd"], []),
        ("of an odd number the first half is the smaller", once(crash), "abc", {}, ["abc", "a", "bc"], []),
        ("an answer that makes no sense halves the batch", once(fail_elsewhere), "ab", {}, ["ab", "a", "b"], []),
        ("halves are halved until one record is left",
         crash_on("4"), "abcd", {}, ["abcd", "ab", "cd", "c", "d", "d"], ["d"]),
        ("what follows the culprit goes on", crash_on("2"), "abcd", {}, ["abcd", "ab", "a", "b", "b", "cd"], ["b"]),
        ("splits cost no retry", crash_on("1"), "abcd", {"retry_attempts": 0}, ["abcd", "ab", "a", "b", "cd"], ["a"]),
        ("two culprits are given up one by one",
         crash_on("1", "3"), "abcd", {"retry_attempts": 0}, ["abcd", "ab", "a", "b", "cd", "c", "d"], ["a", "c"]),
        ("a new batch waits for the second half",
         once(crash), "abcd", {"batch_size": 2}, ["ab", "a", "b", "cd"], []),
        ("a batch of one is retried as it is", crash, "a", {}, ["a", "a"], ["a"]),
        ("a partial failure splits at the record and retries only the rest",
         once(fail_at("3")), "abcd", {}, ["abcd", "cd"], []),
        ("a split at the lowest of several failures", once(fail_at("4", "2")), "abcd", {}, ["abcd", "bcd"], []),
        ("a split at a record costs no retry", fail_at("3"), "abcd", {}, ["abcd", "cd", "cd"], ["cd"]),
        ("a failure of the first splits nothing off", fail_at("1"), "abcd", {}, ["abcd", "abcd"], ["abcd"]),
        ("a rest that crashes is halved",
         lambda numbers: fail_at("2")(numbers) if "1" in numbers else crash_on("3")(numbers), "abcd",
         {"retry_attempts": 0}, ["abcd", "bcd", "b", "cd", "c", "d"], ["c"]),
        ("a partial failure is not heard where it is not asked for",
         fail_at("3"), "abcd", {"reports_item_failures": False}, ["abcd"], []),
        ("a crash halves where failures are not reported too",
         once(crash), "abcd", {"reports_item_failures": False}, ["abcd", "ab", "cd"], []),
        ("without splitting a crash takes its neighbours along",
         crash_on("2"), "abcd", {"splits_failed_batches": False}, ["abcd", "abcd"], ["abcd"]),
    ],
)  # fmt: skip
def test_splits(
    kinesis: Any,
    rule: str,
    answer: Answer,
    letters: str,
    given: dict[str, Any],
    batches: list[str],
    given_up: list[str],
) -> None:
    harness = Harness(answer)
    put(kinesis, harness, letters)
    source = splitting(harness, **given)

    harness.poll_to_the_end(source)
    harness.let_pass(source, seconds=1, times=5)

    assert (harness.batches, harness.given_up) == (batches, given_up), rule


def test_a_shard_fails_three_times_in_a_row_at_one_instant_whether_it_splits_or_retries(kinesis: Any) -> None:
    harness = Harness(crash_on("1"))
    put(kinesis, harness, "abcdefgh")
    source = splitting(harness, retry_attempts=None)

    harness.poll_to_the_end(source)
    assert harness.batches == ["abcdefgh", "abcd", "ab"]

    harness.let_pass(source, seconds=1)
    assert harness.batches[ATTEMPTS_AT_ONE_INSTANT:] == ["a", "a", "a"]


def test_a_half_that_succeeds_gives_the_next_its_three_attempts_at_the_same_instant(kinesis: Any) -> None:
    harness = Harness(crash_on("3"))
    put(kinesis, harness, "abc")

    harness.poll_to_the_end(splitting(harness, retry_attempts=None))

    assert harness.batches == ["abc", "a", "bc", "b", "c", "c", "c"]


def test_a_half_does_not_grow_by_what_arrives_while_it_waits(kinesis: Any) -> None:
    harness = Harness(crash)
    put(kinesis, harness, "abcd")
    source = splitting(harness)
    source.poll()
    put(kinesis, harness, "ef")
    harness.answer = succeed

    harness.poll_to_the_end(source)

    assert harness.batches == ["abcd", "ab", "cd", "ef"]


def test_shards_split_by_themselves_and_do_not_wait_for_each_other(kinesis: Any) -> None:
    harness = Harness(lambda numbers: crash(numbers) if "b" in harness.batches[-1] else succeed(numbers))
    put(kinesis, harness, "abc", LOWER)
    put(kinesis, harness, "xyz", UPPER)
    source = splitting(harness, retry_attempts=None)

    harness.poll_to_the_end(source)
    assert harness.batches == ["abc", "xyz", "a", "bc", "b", "b"]

    put(kinesis, harness, "w", UPPER)
    harness.poll_to_the_end(source)
    assert harness.batches[6:] == ["w"]


def test_both_shards_split_in_turn_with_three_attempts_each(kinesis: Any) -> None:
    harness = Harness(crash)
    put(kinesis, harness, "abcd", LOWER)
    put(kinesis, harness, "wxyz", UPPER)

    harness.poll_to_the_end(splitting(harness, retry_attempts=None))

    assert harness.batches == ["abcd", "wxyz", "ab", "wx", "a", "w"]


def test_a_culprit_is_given_up_alone_with_its_own_attempts(kinesis: Any) -> None:
    harness = Harness(crash_on("2"))
    put(kinesis, harness, "abcd")
    source = splitting(harness, retry_attempts=2)

    harness.poll_to_the_end(source)
    harness.let_pass(source, seconds=1)

    (body,) = harness.objects.values()
    assert body["KinesisBatchInfo"]["startSequenceNumber"] == body["KinesisBatchInfo"]["endSequenceNumber"] == "2"
    assert body["KinesisBatchInfo"]["batchSize"] == 1
    assert body["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert body["requestContext"]["approximateInvokeCount"] == 3
    assert body["responseContext"]["functionError"] == "Unhandled"


@pytest.mark.parametrize("seed", range(8))
def test_whatever_fails_each_record_succeeds_or_is_given_up_in_order(kinesis: Any, seed: int) -> None:
    chance = Random(seed)
    letters = "abcdefghijklm"
    done: list[str] = []

    def answer(numbers: Sequence[str]) -> Any:
        tried = harness.batches[-1]
        match chance.choice(["crash", "partial", "nonsense", "success"]):
            case "crash":
                return crash(numbers)
            case "nonsense":
                return {"batchItemFailures": "all of them"}
            case "partial":
                failed = chance.randrange(len(numbers))
                done.append(tried[:failed])
                return fail_at(numbers[failed])(numbers)
            case _:
                done.append(tried)
                return succeed(numbers)

    harness = Harness(answer)
    put(kinesis, harness, letters)
    source = splitting(harness, batch_size=chance.randint(1, 8))
    harness.let_pass(source, seconds=1, times=40)

    assert sorted("".join(done + harness.given_up)) == list(letters)
    assert "".join(done) == "".join(sorted("".join(done)))
