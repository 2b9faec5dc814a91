"""The Kinesis event source mapping, rule by rule, on one shard of a real moto stream."""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.local.event_sources.batch_splitting import ATTEMPTS_AT_ONE_INSTANT
from operations.local.moto_engine.simulated_time import moto_on_simulated_time
from tests.integration.local.stream_harness import (
    FUNCTION_ARN,
    START,
    STREAM_ARN,
    Answer,
    Harness,
    crash,
    fail_at,
    fail_elsewhere,
    once,
    succeed,
)


@pytest.fixture
def run() -> Iterator[Callable[..., Harness]]:
    """Put one record for each letter, then poll until nothing is left to do at this instant."""
    with mock_aws():
        kinesis = boto3.client("kinesis")
        kinesis.create_stream(StreamName="usage-events", ShardCount=1)

        def run_with(answer: Answer, letters: str = "abcd", **given: Any) -> Harness:
            harness = Harness(answer)
            with moto_on_simulated_time(harness.clock):
                for letter in letters:
                    kinesis.put_record(StreamName="usage-events", Data=letter, PartitionKey="acme")
                harness.poll_to_the_end(harness.source(**given))
            return harness

        yield run_with


@pytest.mark.parametrize(
    ("rule", "answer", "given", "batches"),
    [
        ("a batch has at most the batch size", succeed, {"batch_size": 3}, ["abc", "d"]),
        ("everything from a failure on is retried", once(fail_at("3")), {}, ["abcd", "cd"]),
        ("the lowest of several failures is the checkpoint", once(fail_at("4", "2")), {}, ["abcd", "bcd"]),
        ("a failure of the first retries the whole batch", once(fail_at("1")), {}, ["abcd", "abcd"]),
        ("an exception retries the whole batch", once(crash), {}, ["abcd", "abcd"]),
        ("a wrong identifier retries the whole batch", once(fail_elsewhere), {}, ["abcd", "abcd"]),
        ("a retried batch does not grow", once(fail_at("2")), {"batch_size": 2}, ["ab", "b", "cd"]),
        ("a failure is not heard where it is not asked for", fail_at("3"), {"reports_item_failures": False}, ["abcd"]),
        ("N retries are N + 1 invocations", crash, {"retry_attempts": 1}, ["abcd", "abcd"]),
        ("no retry is one invocation", crash, {"retry_attempts": 0}, ["abcd"]),
        ("the item that fails is tried N + 1 times", fail_at("3"), {"retry_attempts": 1}, ["abcd", "cd"]),
        ("after giving up the next batch follows", crash, {"retry_attempts": 0, "batch_size": 2}, ["ab", "cd"]),
    ],
)  # fmt: skip
def test_batches(
    run: Callable[..., Harness], rule: str, answer: Answer, given: dict[str, Any], batches: list[str]
) -> None:
    assert run(answer, **given).batches == batches, rule


def test_nothing_is_invoked_for_an_empty_shard(run: Callable[..., Harness]) -> None:
    assert run(crash, letters="").batches == []


def test_a_batch_that_is_retried_for_ever_blocks_its_shard_until_the_clock_moves(run: Callable[..., Harness]) -> None:
    harness = run(crash, retry_attempts=None)

    assert harness.batches == ["abcd"] * ATTEMPTS_AT_ONE_INSTANT
    assert harness.objects == {}


def test_a_blocked_shard_goes_on_when_the_clock_has_moved() -> None:
    with mock_aws():
        kinesis = boto3.client("kinesis")
        kinesis.create_stream(StreamName="usage-events", ShardCount=1)
        kinesis.put_record(StreamName="usage-events", Data=b"a", PartitionKey="acme")
        harness = Harness(crash)
        source = harness.source(retry_attempts=None)
        harness.poll_to_the_end(source)

        harness.clock.advance_to(START + timedelta(seconds=1))
        harness.answer = succeed

        assert source.poll()
        assert not source.poll()


def test_what_is_given_up_is_kept_with_its_records_in_the_documented_form(run: Callable[..., Harness]) -> None:
    harness = run(fail_at("3"), retry_attempts=1)

    ((key, body),) = harness.objects.items()
    records = body.pop("payload")["Records"]
    assert key.startswith("aws/lambda/ingest/shardId-000000000000/2026/02/01/2026-02-01T12.00.00-")
    assert [base64.b64decode(record["kinesis"]["data"]) for record in records] == [b"c", b"d"]
    assert body.pop("requestContext") | {"requestId": ""} == {
        "requestId": "",
        "functionArn": FUNCTION_ARN,
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 2,
    }
    assert body == {
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None},
        "version": "1.0",
        "timestamp": "2026-02-01T12:00:00.000Z",
        "KinesisBatchInfo": {
            "shardId": "shardId-000000000000",
            "startSequenceNumber": "3",
            "endSequenceNumber": "4",
            "approximateArrivalOfFirstRecord": "2026-02-01T12:00:00.000Z",
            "approximateArrivalOfLastRecord": "2026-02-01T12:00:00.000Z",
            "batchSize": 2,
            "streamArn": STREAM_ARN,
        },
    }


def test_an_unhandled_error_is_named_in_what_is_given_up(run: Callable[..., Harness]) -> None:
    (body,) = run(crash, retry_attempts=0).objects.values()

    assert body["responseContext"]["functionError"] == "Unhandled"


def test_shards_do_not_wait_for_each_other() -> None:
    with mock_aws():
        kinesis = boto3.client("kinesis")
        kinesis.create_stream(StreamName="usage-events", ShardCount=2)
        harness = Harness(lambda _: crash(_) if harness.batches[-1] == "a" else None)
        with moto_on_simulated_time(harness.clock):
            kinesis.put_record(StreamName="usage-events", Data=b"a", PartitionKey="x", ExplicitHashKey="0")
            kinesis.put_record(StreamName="usage-events", Data=b"b", PartitionKey="x", ExplicitHashKey=str(2**127))
            harness.poll_to_the_end(harness.source(retry_attempts=None))

    assert sorted(harness.batches) == ["a"] * ATTEMPTS_AT_ONE_INSTANT + ["b"]
