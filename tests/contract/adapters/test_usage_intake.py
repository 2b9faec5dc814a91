"""What is handed over reaches the stream as it was sent, and what the stream did not confirm is said."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from moto import mock_aws

from shared.adapters.kinesis.usage_intake import MAX_PACKED_BYTES, KinesisUsageIntake
from shared.ports.usage_intake import RawUsage, UsageIntake
from shared.runtime import aws
from tests.builders.aws_resources import create_stream, records_of
from tests.fakes.in_memory_usage_intake import InMemoryUsageIntake
from tests.fakes.scripted_kinesis import ScriptedKinesis, refuse, refuse_all


def raw(*numbers: int) -> list[RawUsage]:
    return [RawUsage(json.dumps({"id": str(number)}).encode(), number % 4) for number in numbers]


@pytest.fixture(params=["in memory", "Kinesis"])
def intake(request: pytest.FixtureRequest) -> Iterator[UsageIntake]:
    with mock_aws():
        yield (
            InMemoryUsageIntake()
            if request.param == "in memory"
            else KinesisUsageIntake(aws.kinesis(), create_stream("usage-events"))
        )


def test_everything_that_is_taken_is_confirmed(intake: UsageIntake) -> None:
    assert list(intake.put(raw(0, 1, 2, 4))) == [True] * 4


def test_nothing_is_confirmed_of_nothing(intake: UsageIntake) -> None:
    assert list(intake.put([])) == []


@pytest.fixture
def stream() -> Iterator[str]:
    with mock_aws():
        yield create_stream("usage-events")


def test_events_of_one_group_share_a_record_in_their_order(stream: str) -> None:
    KinesisUsageIntake(aws.kinesis(), stream).put(raw(0, 1, 4, 5, 8))

    assert sorted([each["id"] for each in json.loads(record)] for record in records_of(stream)) == [
        ["0", "4", "8"],
        ["1", "5"],
    ]


def test_many_events_are_cut_into_records_that_the_stream_takes(stream: str) -> None:
    heavy = [RawUsage(b'{"note": "' + b"x" * 60_000 + b'"}', 0)] * 20

    KinesisUsageIntake(aws.kinesis(), stream).put(heavy)

    records = records_of(stream)
    assert max(map(len, records)) <= MAX_PACKED_BYTES + 1
    assert sum(len(json.loads(record)) for record in records) == 20


def scripted(*script: Any) -> tuple[ScriptedKinesis, UsageIntake]:
    kinesis = ScriptedKinesis(*script)
    return kinesis, KinesisUsageIntake(kinesis, "usage-events", pause=lambda _: None)  # type: ignore[arg-type]


def test_a_record_that_was_refused_once_is_put_again() -> None:
    kinesis, intake = scripted(refuse(1))

    assert list(intake.put(raw(0, 1, 2))) == [True, True, True]
    assert kinesis.calls == [3, 1]


def test_the_events_of_a_busy_shard_are_not_confirmed_and_the_others_are() -> None:
    busy: Sequence[Any] = [refuse(1), *[refuse_all] * 5]
    kinesis, intake = scripted(*busy)

    assert list(intake.put(raw(1, 0, 5, 4, 2))) == [False, True, False, True, True]
    assert len(kinesis.events()) == 3


def test_a_stream_that_cannot_be_asked_is_said_to_be() -> None:
    with mock_aws(), pytest.raises(aws.kinesis().exceptions.ResourceNotFoundException):
        KinesisUsageIntake(aws.kinesis(), "no-such-stream").put(raw(0))
