"""A replay is kept under its id, and goes on from where it was by one run at a time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.replays import DynamoReplays
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import TenantId
from shared.domain.replay.progress import ReplayCounts, ReplayProgress
from shared.domain.replay.request import ReplayFilter, ReplayRequest
from shared.domain.time_period import Period
from shared.ports.replays import OtherReplayError, Replays
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.fakes.in_memory_replays import InMemoryReplays

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
THE_DAY = Period(NOON - timedelta(hours=12), NOON)
TRANSFERS = ReplayRequest(replay_id="transfers", arrived=THE_DAY, narrowed=ReplayFilter(contract="transfer:3"))
HALFWAY = ReplayProgress(
    counts=ReplayCounts(published=2, unchanged=3, failed={ExceptionCode.CONTRACT_VIOLATION: 1}),
    mark="2026-01-15/shardId-000000000000/7",
)


@pytest.fixture(params=["in memory", "dynamodb"])
def replays(request: pytest.FixtureRequest) -> Iterator[Replays]:
    if request.param == "in memory":
        yield InMemoryReplays()
        return
    with mock_aws():
        yield DynamoReplays(aws.dynamodb(), create_table("usage-repairs"), TenantId("acme-saas"))


def test_a_new_replay_is_at_its_beginning(replays: Replays) -> None:
    assert replays.begin(TRANSFERS, NOON) == ReplayProgress()


def test_a_replay_that_is_known_is_where_it_was_left(replays: Replays) -> None:
    start = replays.begin(TRANSFERS, NOON)

    assert replays.advance(TRANSFERS.replay_id, start, HALFWAY, NOON)

    assert replays.begin(TRANSFERS, NOON) == HALFWAY


def test_only_one_run_goes_on_from_a_place(replays: Replays) -> None:
    start = replays.begin(TRANSFERS, NOON)
    replays.advance(TRANSFERS.replay_id, start, HALFWAY, NOON)

    assert not replays.advance(TRANSFERS.replay_id, start, replace(HALFWAY, mark="elsewhere"), NOON)
    assert replays.advance(TRANSFERS.replay_id, start, HALFWAY, NOON)  # the same call, tried again by the client
    assert replays.begin(TRANSFERS, NOON) == HALFWAY


def test_an_id_names_one_replay(replays: Replays) -> None:
    replays.begin(TRANSFERS, NOON)

    with pytest.raises(OtherReplayError, match="transfers"):
        replays.begin(replace(TRANSFERS, dry_run=True), NOON)
