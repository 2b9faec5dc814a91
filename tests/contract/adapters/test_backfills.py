"""A backfill moves one way, each step once, and says who took it; its parts are what was loaded, each once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.backfills import DynamoBackfills
from shared.adapters.s3.backfill_parts import S3BackfillParts
from shared.domain.backfill.backfill import BackfillState, Decision, Part
from shared.domain.identifiers import TenantId
from shared.domain.replay.progress import ReplayCounts, ReplayProgress
from shared.ports.backfills import BackfillError, BackfillParts, Backfills
from shared.runtime import aws
from tests.builders.aws_resources import create_bucket, create_table
from tests.fakes.in_memory_backfills import InMemoryBackfillParts, InMemoryBackfills

TENANT = TenantId("acme-saas")
NOON = datetime(2026, 4, 10, 12, tzinfo=UTC)
CLARA = Decision(by="clara", at=NOON)
OTTO = Decision(by="otto", at=NOON + timedelta(hours=1))
FIRST, SECOND = sorted([Part.of(b"[1]", 1), Part.of(b"[2,3]", 2)], key=lambda part: part.name)
HALFWAY = ReplayProgress(counts=ReplayCounts(published=1), mark=FIRST.name)
DONE = ReplayProgress(counts=ReplayCounts(published=3), mark=SECOND.name, finished=True)


@pytest.fixture(params=["in memory", "dynamodb"])
def backfills(request: pytest.FixtureRequest) -> Iterator[Backfills]:
    if request.param == "in memory":
        yield InMemoryBackfills()
        return
    with mock_aws():
        yield DynamoBackfills(aws.dynamodb(), create_table("usage-repairs"), TENANT)


@pytest.fixture(params=["in memory", "s3"])
def parts(request: pytest.FixtureRequest) -> Iterator[BackfillParts]:
    if request.param == "in memory":
        yield InMemoryBackfillParts()
        return
    with mock_aws():
        yield S3BackfillParts(aws.s3(), create_bucket("backfills"), TENANT)


def opened(backfills: Backfills, *parts: Part) -> Backfills:
    backfills.open("b1", CLARA, "the gateway was not sending")
    for part in parts:
        backfills.add_part("b1", part)
    return backfills


def test_opening_twice_opens_once(backfills: Backfills) -> None:
    first = backfills.open("b1", CLARA, "the gateway was not sending")

    again = backfills.open("b1", OTTO, "the gateway was not sending")

    assert again == first
    assert (first.state, first.opened, first.ended) == (BackfillState.OPENED, CLARA, None)
    with pytest.raises(BackfillError, match="clara"):
        backfills.open("b1", OTTO, "something else")


def test_what_was_never_opened_is_not_there(backfills: Backfills) -> None:
    with pytest.raises(BackfillError, match="b1"):
        backfills.read("b1")


def test_a_part_that_is_loaded_twice_is_one(backfills: Backfills) -> None:
    opened(backfills, SECOND, FIRST, SECOND)

    assert backfills.read("b1").state is BackfillState.LOADING
    assert list(backfills.parts("b1", "")) == [FIRST, SECOND]
    assert list(backfills.parts("b1", FIRST.name)) == [SECOND]


def test_the_first_decision_to_close_is_kept(backfills: Backfills) -> None:
    opened(backfills, FIRST)

    closing = backfills.begin_closing("b1", CLARA)

    assert backfills.begin_closing("b1", OTTO) == closing
    assert (closing.state, closing.ended) == (BackfillState.CLOSING, CLARA)


def test_nothing_is_loaded_and_nothing_reverted_once_it_is_closing(backfills: Backfills) -> None:
    opened(backfills, FIRST).begin_closing("b1", CLARA)

    with pytest.raises(BackfillError, match="closing"):
        backfills.add_part("b1", SECOND)
    with pytest.raises(BackfillError, match="closing"):
        backfills.revert("b1", OTTO)
    assert list(backfills.parts("b1", "")) == [FIRST]


def test_closing_goes_on_from_a_place_by_one_run_at_a_time(backfills: Backfills) -> None:
    opened(backfills, FIRST, SECOND)
    start = backfills.begin_closing("b1", CLARA).progress

    assert backfills.advance("b1", start, HALFWAY)
    assert not backfills.advance("b1", start, DONE)
    assert backfills.advance("b1", start, HALFWAY)  # the same call, tried again by the client
    assert backfills.read("b1").progress == HALFWAY

    assert backfills.advance("b1", HALFWAY, DONE)
    assert (backfills.read("b1").state, backfills.read("b1").progress) == (BackfillState.CLOSED, DONE)
    assert backfills.begin_closing("b1", OTTO).state is BackfillState.CLOSED


def test_what_is_reverted_stays_reverted(backfills: Backfills) -> None:
    opened(backfills, FIRST)

    reverted = backfills.revert("b1", CLARA)

    assert backfills.revert("b1", OTTO) == reverted
    assert (reverted.state, reverted.ended) == (BackfillState.REVERTED, CLARA)
    with pytest.raises(BackfillError, match="reverted"):
        backfills.begin_closing("b1", OTTO)
    with pytest.raises(BackfillError, match="reverted"):
        backfills.add_part("b1", SECOND)


def test_all_backfills_are_listed_by_id(backfills: Backfills) -> None:
    opened(backfills, FIRST).open("a1", OTTO, "another one")

    assert [backfill.backfill_id for backfill in backfills.every()] == ["a1", "b1"]


def test_a_part_comes_back_as_it_was_stored(parts: BackfillParts) -> None:
    data = b'[{"id": "call-1"}]'
    part = Part.of(data, 1)

    parts.store("b1", part, data)
    parts.store("b1", part, data)

    assert parts.load("b1", part) == data
