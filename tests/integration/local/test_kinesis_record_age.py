"""Records that are too old: given up in simulated time, by their arrival, while younger ones go on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.local.moto_engine.simulated_time import moto_on_simulated_time
from operations.local.moto_engine.sources import set_arrival
from tests.integration.local.stream_harness import START, Answer, Harness, crash, crash_on, fail_at, succeed

LIMIT = 60
AGES = {"o": LIMIT + 1, "l": LIMIT, "y": 0}  # old, at the limit, young; in seconds
LOWER, UPPER = "0", str(2**127)  # a hash key of the first shard, and one of the second


@pytest.fixture
def kinesis() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("kinesis")
        client.create_stream(StreamName="usage-events", ShardCount=2)
        yield client


def put(kinesis: Any, letter: str, arrived_at: datetime, shard: str = LOWER) -> None:
    where = kinesis.put_record(StreamName="usage-events", Data=letter, PartitionKey="acme", ExplicitHashKey=shard)
    set_arrival(
        "usage-events",
        "eu-central-1",
        shard=where["ShardId"],
        sequence_number=where["SequenceNumber"],
        arrived_at=arrived_at,
    )


def put_aged(kinesis: Any, letters: str, shard: str = LOWER) -> None:
    for letter in letters:
        put(kinesis, letter, START - timedelta(seconds=AGES[letter]), shard)


@pytest.mark.parametrize(
    ("rule", "letters", "answer", "given", "batches", "given_up"),
    [
        ("the old are given up, the younger go on", "ooyy", succeed, {}, ["yy"], ["oo"]),
        ("a batch of old records is not invoked", "ooo", succeed, {}, [], ["ooo"]),
        ("a record at the limit is not too old", "ol", succeed, {}, ["l"], ["o"]),
        ("no limit gives nothing up", "oy", succeed, {"record_age_seconds": None}, ["oy"], []),
        ("an old record behind a younger one waits for its turn", "yoy", succeed, {}, ["y", "y"], ["o"]),
        ("old records are read a batch at a time", "oooy", succeed, {"batch_size": 2}, ["y"], ["oo", "o"]),
        ("without a bucket the old are gone", "oy", succeed, {"on_failure_bucket": None}, ["y"], []),
        ("the younger have all of their retries", "oyy", crash, {"retry_attempts": 1}, ["yy", "yy"], ["o", "yy"]),
        ("the younger are split", "oyy", crash_on("3"), {"retry_attempts": 0, "splits_failed_batches": True},
         ["yy", "y", "y"], ["o", "y"]),
        ("the younger have their checkpoint", "oyyy", fail_at("4"), {"retry_attempts": 0}, ["yyy"], ["o", "y"]),
    ],
)  # fmt: skip
def test_ages_before_the_first_attempt(
    kinesis: Any,
    rule: str,
    letters: str,
    answer: Answer,
    given: dict[str, Any],
    batches: list[str],
    given_up: list[str],
) -> None:
    harness = Harness(answer)
    put_aged(kinesis, letters)

    harness.poll_to_the_end(harness.source(**{"record_age_seconds": LIMIT} | given))

    assert (harness.batches, harness.given_up) == (batches, given_up), rule


def test_a_record_that_is_retried_for_ever_is_given_up_when_it_is_too_old(kinesis: Any) -> None:
    harness = Harness(crash_on("1"))
    put(kinesis, "a", START - timedelta(seconds=30))
    put(kinesis, "b", START)
    source = harness.source(record_age_seconds=LIMIT, retry_attempts=None)

    harness.poll_to_the_end(source)
    harness.let_pass(source, seconds=30)
    assert harness.batches == ["ab"] * 6
    assert harness.objects == {}

    harness.let_pass(source, seconds=1)
    assert harness.batches[6:] == ["b"]
    assert harness.given_up == ["a"]


def test_what_is_left_of_a_batch_does_not_grow_when_its_oldest_are_given_up(kinesis: Any) -> None:
    harness = Harness(crash)
    put(kinesis, "a", START - timedelta(seconds=30))
    put(kinesis, "b", START)
    source = harness.source(record_age_seconds=LIMIT, retry_attempts=None)
    harness.poll_to_the_end(source)
    put(kinesis, "c", START)
    harness.answer = succeed

    harness.let_pass(source, seconds=31)

    assert harness.batches[3:] == ["b", "c"]


def test_half_a_batch_is_given_up_and_the_other_half_goes_on(kinesis: Any) -> None:
    harness = Harness(crash)
    for letter in "ab":
        put(kinesis, letter, START - timedelta(seconds=30))
    for letter in "cd":
        put(kinesis, letter, START)
    source = harness.source(record_age_seconds=LIMIT, retry_attempts=None, splits_failed_batches=True)
    harness.poll_to_the_end(source)
    harness.answer = succeed

    harness.let_pass(source, seconds=31)

    assert harness.batches == ["abcd", "ab", "a", "cd"]
    assert harness.given_up == ["a", "b"]  # by the parts of the batch: each was to be invoked by itself


def test_the_clock_alone_makes_records_too_old_and_only_on_their_shard(kinesis: Any) -> None:
    harness = Harness(crash)
    put(kinesis, "a", START - timedelta(seconds=LIMIT), LOWER)
    put(kinesis, "x", START, UPPER)
    source = harness.source(record_age_seconds=LIMIT, retry_attempts=None)
    harness.poll_to_the_end(source)

    harness.let_pass(source, seconds=1)

    assert harness.batches == ["a", "x"] * 3 + ["x"] * 3
    assert harness.given_up == ["a"]


def test_what_is_too_old_is_kept_in_the_documented_form_without_a_response(kinesis: Any) -> None:
    harness = Harness(succeed)
    with moto_on_simulated_time(harness.clock):
        put_aged(kinesis, "oy")

    harness.poll_to_the_end(harness.source(record_age_seconds=LIMIT))

    ((key, body),) = harness.objects.items()
    assert key.startswith("aws/lambda/ingest/shardId-000000000000/2026/02/01/2026-02-01T12.00.00-")
    assert sorted(body) == ["KinesisBatchInfo", "payload", "requestContext", "timestamp", "version"]
    assert body["requestContext"]["condition"] == "RecordAgeExceeded"
    assert body["requestContext"]["approximateInvokeCount"] == 0
    assert body["KinesisBatchInfo"]["startSequenceNumber"] == body["KinesisBatchInfo"]["endSequenceNumber"] == "1"
    assert body["KinesisBatchInfo"]["approximateArrivalOfLastRecord"] == "2026-02-01T11:58:59.000Z"
