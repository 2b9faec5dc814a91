"""Both event sources do what each case says, and a few things that no case can tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from string import ascii_lowercase
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.local.clock import SimulatedClock
from operations.local.event_sources.mapping import EventSourceMapping
from operations.local.moto_engine.resharding import closed_shards_keep_their_records
from operations.local.moto_engine.simulated_time import moto_on_simulated_time
from tests.integration.local.event_source_cases import (
    QUEUE_CASES,
    STREAM_CASES,
    STREAM_REFUSALS,
    QueueCase,
    Refusal,
    StreamCase,
)
from tests.integration.local.event_source_document import DOCUMENT, document
from tests.integration.local.event_source_worlds import (
    DEAD_LETTERS,
    FUNCTION_ARN,
    LOWER,
    START,
    STREAM_ARN,
    UPPER,
    QueueWorld,
    StreamWorld,
    crash,
    fails,
    succeed,
    throttle,
)

KEYS = ("acme", "globex", "initech")


@pytest.fixture
def clock() -> Iterator[SimulatedClock]:
    clock = SimulatedClock(START)
    with mock_aws(), moto_on_simulated_time(clock), closed_shards_keep_their_records():
        yield clock


@pytest.mark.parametrize("case", STREAM_CASES, ids=lambda case: case.says)
def test_a_stream(clock: SimulatedClock, case: StreamCase) -> None:
    world = StreamWorld(case.given, clock)

    case.play(world)

    assert world.sees == list(case.sees)
    if case.told is None or case.given_up:
        assert world.given_up == list(case.given_up)
    if case.told is not None:
        assert [_in_short(body) for body in world.told] == list(case.told)


@pytest.mark.parametrize("case", QUEUE_CASES, ids=lambda case: case.says)
def test_a_queue(clock: SimulatedClock, case: QueueCase) -> None:
    world = QueueWorld(case.given, clock)

    case.play(world)

    assert world.sees == list(case.sees)
    assert world.dead_letters() == case.dead
    assert case.receives is None or world.receives == list(case.receives)


@pytest.mark.parametrize("case", STREAM_REFUSALS, ids=lambda case: case.says)
def test_what_no_mapping_may_ask_for(case: Refusal) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        a_mapping(case.given)


@pytest.mark.parametrize(
    "given", [{"record_age_seconds": 60}, {"record_age_seconds": 604_800}, {"lanes": 10}, {"batch_size": 10_000}]
)
def test_what_a_mapping_may_just_ask_for(given: Mapping[str, Any]) -> None:
    a_mapping(given)


def test_what_is_given_up_is_kept_with_its_records_in_the_documented_form(clock: SimulatedClock) -> None:
    world = StreamWorld({"retry_attempts": 1}, clock)
    world.answer = fails("c")
    world.put("abcd")
    world.poll_to_the_end()

    (body,) = world.told
    assert body.pop("key").startswith("aws/lambda/ingest/shardId-000000000000/2026/02/01/2026-02-01T12.00.00-")
    assert len(body.pop("payload")["Records"]) == 2
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


@pytest.mark.parametrize(
    ("given", "members"),
    [
        ({}, ["KinesisBatchInfo", "key", "payload", "requestContext", "timestamp", "version"]),
        ({"on_failure_arn": DEAD_LETTERS}, ["KinesisBatchInfo", "requestContext", "timestamp", "version"]),
    ],
)
def test_what_is_too_old_is_told_without_a_response_and_to_a_queue_without_records(
    clock: SimulatedClock, given: Mapping[str, Any], members: list[str]
) -> None:
    world = StreamWorld({"record_age_seconds": 60, **given}, clock)
    world.put("a", age=61)
    world.poll_to_the_end()

    (body,) = world.told
    assert sorted(body) == members


def test_a_split_closes_the_parent_with_its_last_number_and_leaves_its_records_readable(clock: SimulatedClock) -> None:
    world = StreamWorld({}, clock)
    world.put("ab")
    world.split()
    kinesis = boto3.client("kinesis")
    parent, *children = world.shards()
    iterator = kinesis.get_shard_iterator(
        StreamName="usage-events", ShardId=parent["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]

    assert parent["SequenceNumberRange"] == {"StartingSequenceNumber": "1", "EndingSequenceNumber": "2"}
    assert [child["ParentShardId"] for child in children] == [parent["ShardId"]] * 2
    assert [record["Data"] for record in kinesis.get_records(ShardIterator=iterator)["Records"]] == [b"a", b"b"]


@dataclass
class Chance:
    """A function that does anything, by chance, and what it has done with each letter."""

    chance: Random
    done: list[str] = field(default_factory=list)

    def __call__(self, ids: Mapping[str, str]) -> Any:
        letters = "".join(ids)
        match self.chance.choice(["crash", "throttle", "nonsense", "partial", "success"]):
            case "crash":
                return crash(ids)
            case "throttle":
                return throttle(ids)
            case "nonsense":
                return {"batchItemFailures": "all of them"}
            case "partial":
                failed = self.chance.randrange(len(letters))
                self.done.extend(letters[:failed])
                return fails(letters[failed])(ids)
            case _:
                self.done.extend(letters)
                return succeed(ids)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_fails_each_record_succeeds_or_is_given_up_in_the_order_of_its_key(
    clock: SimulatedClock, seed: int
) -> None:
    chance = Random(seed)
    given = {
        "lanes": chance.choice([1, 2, 3, 10]),
        "batch_size": chance.randint(1, 8),
        "splits_failed_batches": chance.choice([True, False]),
        "retry_attempts": 1,
    }
    world = StreamWorld(given, clock, seed)
    keys: dict[str, str] = {letter: chance.choice(KEYS) for letter in ascii_lowercase}
    world.answer = function = Chance(chance)
    for number, letter in enumerate(ascii_lowercase):
        if number == 13:
            world.split()
        world.put(letter, key=keys[letter], hash_key=chance.choice([LOWER, UPPER]))
        if chance.random() < 0.3:
            world.let_pass(1)
    for _ in range(60):
        world.let_pass(1)

    assert sorted(function.done + list("".join(world.given_up))) == list(ascii_lowercase)
    for key in KEYS:
        before, after = _done_of(key, function.done, keys)
        assert before == sorted(before)
        assert all(letter > "m" for letter in after)


@pytest.mark.parametrize("seed", range(8))
def test_pollers_that_come_and_go_repeat_records_and_lose_none(clock: SimulatedClock, seed: int) -> None:
    chance = Random(seed)
    world = StreamWorld({"lanes": 3, "batch_size": 3, "retry_attempts": None}, clock, seed)
    world.answer = function = Chance(chance)
    for letter in ascii_lowercase:
        world.put(letter, key=chance.choice(KEYS))
        if chance.random() < 0.3:
            world.let_pass(1)
            world.source.shards.start_anew()
    for _ in range(200):
        world.let_pass(1)

    assert set(function.done) == set(ascii_lowercase)
    assert world.given_up == []


def _done_of(key: str, done: Sequence[str], keys: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return the letters of a key done before the split, and those after it: a key may go to either child."""
    of_key = [letter for letter in done if keys[letter] == key]
    before = [letter for letter in of_key if letter <= "m"]
    return before, of_key[len(before) :]


def a_mapping(given: Mapping[str, Any]) -> EventSourceMapping:
    mapping: dict[str, Any] = {"mapping_id": "ingest", "function_arn": FUNCTION_ARN, "source_arn": STREAM_ARN}
    return EventSourceMapping(**mapping | {"batch_size": 100, "reports_item_failures": True} | dict(given))


def _in_short(body: Mapping[str, Any]) -> tuple[Any, ...]:
    context = body["requestContext"]
    response = body.get("responseContext", {"functionError": "no response"})
    return context["condition"], context["approximateInvokeCount"], response["functionError"]


def test_the_document_lists_the_cases() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), (
        "run python -m tests.integration.local.event_source_document"
    )
