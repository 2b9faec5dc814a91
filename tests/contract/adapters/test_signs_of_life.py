"""Every keeper of signs of life keeps the latest, and every keeper of watches what it was given."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.signs_of_life import DynamoSignsOfLife
from shared.adapters.dynamodb.watched_producers import DynamoWatchedProducers
from shared.domain.identifiers import TenantId
from shared.domain.producers.signs_of_life import Sign, Watch
from shared.ports.signs_of_life import LastSigns, SignsOfLife
from shared.ports.watched_producers import WatchedProducers
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.fakes.in_memory_producers import InMemorySignsOfLife, InMemoryWatchedProducers

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
LATER = NOON + timedelta(microseconds=1)
TENANT = TenantId("nimbus")
GATEWAY, IMPORTER = "urn:nimbus:gateway", "urn:nimbus:importer#7"


class Signs(SignsOfLife, LastSigns, Protocol):
    """Both sides of one store."""


@pytest.fixture(params=["in memory", "dynamodb"])
def signs(request: pytest.FixtureRequest) -> Iterator[Signs]:
    if request.param == "in memory":
        yield InMemorySignsOfLife()
        return
    with mock_aws():
        yield DynamoSignsOfLife(aws.dynamodb(), create_table("ledger"), TENANT)


@pytest.fixture(params=["in memory", "dynamodb"])
def watched(request: pytest.FixtureRequest) -> Iterator[WatchedProducers]:
    if request.param == "in memory":
        yield InMemoryWatchedProducers()
        return
    with mock_aws():
        yield DynamoWatchedProducers(aws.dynamodb(), create_table("ledger"), TENANT)


def test_the_latest_sign_of_each_source_and_kind_is_kept(signs: Signs) -> None:
    signs.record({(GATEWAY, Sign.EVENT): NOON, (GATEWAY, Sign.HEARTBEAT): NOON, (IMPORTER, Sign.EVENT): LATER})
    signs.record({(GATEWAY, Sign.EVENT): LATER})
    signs.record({(GATEWAY, Sign.EVENT): NOON, (IMPORTER, Sign.EVENT): NOON})

    assert signs.last_heard({GATEWAY, IMPORTER}) == {
        (GATEWAY, Sign.EVENT): LATER,
        (GATEWAY, Sign.HEARTBEAT): NOON,
        (IMPORTER, Sign.EVENT): LATER,
    }


def test_only_the_sources_asked_for_are_told(signs: Signs) -> None:
    signs.record({(GATEWAY, Sign.EVENT): NOON, (IMPORTER, Sign.EVENT): NOON})

    assert signs.last_heard({IMPORTER, "urn:nimbus:nobody"}) == {(IMPORTER, Sign.EVENT): NOON}
    assert signs.last_heard(()) == {}


def test_the_longest_source_has_room(signs: Signs) -> None:
    longest = "\N{CJK UNIFIED IDEOGRAPH-6F22}" * 256
    signs.record({(longest, Sign.EVENT): NOON})

    assert signs.last_heard({longest}) == {(longest, Sign.EVENT): NOON}


def test_a_watch_is_kept_as_it_was_last_given(watched: WatchedProducers) -> None:
    assert watched.watches() == {}

    watched.keep(GATEWAY, Watch(since=NOON))
    watched.keep(IMPORTER, Watch(since=NOON, told_at=LATER))
    watched.keep(GATEWAY, Watch(since=NOON, told_at=LATER))
    watched.keep(IMPORTER, Watch(since=LATER))

    assert watched.watches() == {GATEWAY: Watch(since=NOON, told_at=LATER), IMPORTER: Watch(since=LATER)}


def test_a_watch_that_ended_is_forgotten_and_may_begin_again(watched: WatchedProducers) -> None:
    watched.keep(GATEWAY, Watch(since=NOON, told_at=LATER))
    watched.end(GATEWAY)
    watched.end(GATEWAY)
    assert watched.watches() == {}

    watched.keep(GATEWAY, Watch(since=LATER))
    assert watched.watches() == {GATEWAY: Watch(since=LATER)}


def test_tenants_hear_of_their_own_sources_only() -> None:
    with mock_aws():
        table = create_table("ledger")
        DynamoSignsOfLife(aws.dynamodb(), table, TENANT).record({(GATEWAY, Sign.EVENT): NOON})
        DynamoWatchedProducers(aws.dynamodb(), table, TENANT).keep(GATEWAY, Watch(since=NOON))

        other = TenantId("other")
        assert DynamoSignsOfLife(aws.dynamodb(), table, other).last_heard({GATEWAY}) == {}
        assert DynamoWatchedProducers(aws.dynamodb(), table, other).watches() == {}
