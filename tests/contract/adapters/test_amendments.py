"""Recorded amendments change what every reader of master data sees, whole, once, and across publications."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.amendments import DynamoAmendments
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.master_data_versions import DynamoMasterDataVersions
from shared.domain.identifiers import CustomerId
from shared.domain.subscriptions.amendment_request import AmendmentRequest, AmendmentState, AmendmentStep
from shared.ports.amendments import AmendmentRequests, MasterDataMovedError, RecordedAmendments
from shared.ports.master_data import MasterData
from shared.ports.master_data_versions import MasterDataVersions
from shared.runtime import aws
from tests.builders.amendments import CANCELLATION, NIMBUS, NOON, ORDER, asked, with_more_plans
from tests.builders.aws_resources import create_table
from tests.builders.catalog import FIRST_VERSION, SECOND_VERSION
from tests.fakes.in_memory_amendments import InMemoryAmendments
from tests.fakes.in_memory_master_data import InMemoryMasterData

NEW_YORK = ZoneInfo("America/New_York")
ACME = CustomerId("acme")
RECORDED, WITHDRAWN = AmendmentState.RECORDED, AmendmentState.WITHDRAWN


@dataclass(frozen=True)
class World:
    reader: MasterData
    writer: MasterDataVersions
    requests: AmendmentRequests
    recorded: RecordedAmendments

    def plans(self) -> list[str]:
        account = self.reader.account(ACME)
        assert account is not None
        return [one.plan_id for one in account.contracts[0].subscriptions]

    def record(self, request: AmendmentRequest) -> None:
        standing = self.requests.standing()
        assert standing is not None
        self.requests.record(request, standing)

    def withdraw(self, request: AmendmentRequest) -> AmendmentRequest:
        standing = self.requests.standing()
        assert standing is not None
        withdrawn = request.moved(WITHDRAWN, at=NOON)
        self.requests.withdraw(withdrawn, RECORDED, standing)
        return withdrawn


@pytest.fixture(params=["in memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "in memory":
        both = InMemoryMasterData()
        yield published(World(both, both, InMemoryAmendments(both), both))
        return
    with mock_aws():
        table = create_table("master-data")
        amendments = DynamoAmendments(aws.dynamodb(), table, NIMBUS)
        reader = DynamoMasterData(aws.dynamodb(), table, NIMBUS)
        yield published(World(reader, DynamoMasterDataVersions(aws.dynamodb(), table, NIMBUS), amendments, amendments))


def published(world: World) -> World:
    assert world.requests.standing() is None
    world.writer.write(FIRST_VERSION, with_more_plans())
    world.writer.publish(FIRST_VERSION)
    world.reader.version()
    return world


def upgrade(state: AmendmentState = RECORDED) -> AmendmentRequest:
    message = asked()
    step = AmendmentStep(at=NOON, state=state, note="under the first")
    return AmendmentRequest(asked=message.to_domain(), amendment=message.amendment_in(NEW_YORK), history=(step,))


def test_a_request_comes_back_as_it_was_kept(world: World) -> None:
    world.record(upgrade())

    assert world.requests.read(ORDER) == upgrade()


def test_a_reader_sees_an_amendment_once_it_asks_again(world: World) -> None:
    assert world.plans() == ["growth"]
    world.record(upgrade())
    assert world.plans() == ["growth"]

    world.reader.version()

    assert world.plans() == ["growth", "business"]
    assert world.reader.accounts_by_subject({"acme-production"})["acme-production"].at(NOON) is not None


def test_an_amendment_outlives_the_next_publication(world: World) -> None:
    world.record(upgrade())
    world.writer.write(SECOND_VERSION, with_more_plans())

    assert world.writer.publish(SECOND_VERSION, amendment_changes=1)
    assert world.reader.version() == SECOND_VERSION
    assert world.plans() == ["growth", "business"]


def test_a_version_that_was_checked_before_an_amendment_is_not_published(world: World) -> None:
    world.record(upgrade())
    world.writer.write(SECOND_VERSION, with_more_plans())

    assert not world.writer.publish(SECOND_VERSION, amendment_changes=0)
    assert world.reader.version() == FIRST_VERSION


def test_a_withdrawn_amendment_is_as_if_it_had_never_been(world: World) -> None:
    world.record(upgrade())
    withdrawn = world.withdraw(upgrade())
    world.reader.version()

    assert world.plans() == ["growth"]
    assert world.requests.read(ORDER) == withdrawn
    assert world.recorded.every() == (2, {})


def test_what_stands_is_listed_with_the_number_of_changes(world: World) -> None:
    assert world.recorded.every() == (0, {})
    world.record(upgrade())

    changes, recorded = world.recorded.every()

    assert changes == 1
    assert [(one.request_id, one.contract_id) for one in recorded[ACME]] == [(ORDER, "c-acme")]


def test_nothing_is_written_under_a_catalogue_that_is_no_more(world: World) -> None:
    standing = world.requests.standing()
    assert standing is not None
    world.writer.write(SECOND_VERSION, with_more_plans())
    world.writer.publish(SECOND_VERSION)

    with pytest.raises(MasterDataMovedError):
        world.requests.record(upgrade(), standing)

    assert world.requests.read(ORDER) is None
    assert world.recorded.every() == (0, {})


def test_of_two_amendments_at_once_one_is_written(world: World) -> None:
    standing = world.requests.standing()
    assert standing is not None
    world.requests.record(upgrade(), standing)
    message = asked("second", **CANCELLATION)
    second = AmendmentRequest(
        asked=message.to_domain(), amendment=message.amendment_in(NEW_YORK), history=upgrade().history
    )

    with pytest.raises(MasterDataMovedError):
        world.requests.record(second, standing)


def test_a_request_goes_on_from_the_state_it_is_in_only(world: World) -> None:
    world.record(upgrade())
    confirmed = upgrade().moved(AmendmentState.CONFIRMED, at=NOON)
    world.requests.save(confirmed, before=RECORDED)

    with pytest.raises(MasterDataMovedError):
        world.requests.save(confirmed, before=RECORDED)
    assert world.requests.read(ORDER) == confirmed


def test_a_refused_request_is_kept_and_changes_nothing(world: World) -> None:
    refused = upgrade(AmendmentState.REFUSED)
    world.requests.refuse(refused)

    assert world.requests.read(ORDER) == refused
    assert world.recorded.every() == (0, {})
