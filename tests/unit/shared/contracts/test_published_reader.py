"""The contracts in force are asked for seldom, known ones outlive a short outage, and staleness has an end."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.contracts.usage_event.published_reader import ASKED_AGAIN_AFTER, FRESHNESS, PublishedContractReader
from shared.domain.usage.contract_changes import LEAD
from shared.domain.usage.contract_definition import ContractDefinition
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.rejection import Rejected
from tests.fakes.steady_clock import SteadyClock
from tests.fakes.usage import as_bytes, usage_v2
from tests.fakes.usage_contract_folder import read_contract, write_contract

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
BUILT_IN = as_bytes(usage_v2())
STORED = as_bytes(usage_v2(dataschema="urn:usage-contract:storage:2", data={"bytes": 1}))
A_MOMENT = timedelta(microseconds=1)


class Contracts:
    """Published contracts that count how often they are asked for and can be out of reach (port UsageContracts)."""

    def __init__(self) -> None:
        self.definitions: tuple[ContractDefinition, ...] = ()
        self.asked = 0
        self.is_out_of_reach = False

    def published(self) -> Sequence[ContractDefinition]:
        self.asked += 1
        if self.is_out_of_reach:
            raise ConnectionError
        return self.definitions


class World:
    def __init__(self, storage: ContractDefinition) -> None:
        self.storage = storage
        self.contracts = Contracts()
        self.clock = SteadyClock(NOON)
        self._reader = PublishedContractReader(self.contracts, self.clock)

    def read(self, data: bytes, *, after: timedelta = timedelta(0)) -> type:
        self.clock.instant += after
        (verdict,) = self._reader(data, NOON)
        return type(verdict)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(read_contract(write_contract(tmp_path)))


def test_within_a_minute_they_are_asked_for_once(world: World) -> None:
    for seconds in (0, 30, 30):
        world.read(BUILT_IN, after=timedelta(seconds=seconds))
    assert world.contracts.asked == 1

    world.read(BUILT_IN, after=A_MOMENT)
    assert world.contracts.asked == 2


def test_a_version_is_read_as_soon_as_it_is_published(world: World) -> None:
    assert world.read(STORED) is Rejected
    world.contracts.definitions = (world.storage,)

    assert world.read(STORED, after=ASKED_AGAIN_AFTER + A_MOMENT) is UsageEvent


def test_events_of_unknown_versions_do_not_have_them_asked_for_without_end(world: World) -> None:
    for _ in range(1000):
        world.read(STORED, after=timedelta(milliseconds=10))

    assert world.contracts.asked <= 3


def test_known_contracts_outlive_an_outage_up_to_their_age(world: World) -> None:
    world.contracts.definitions = (world.storage,)
    world.read(STORED)
    world.contracts.is_out_of_reach = True

    assert world.read(STORED, after=FRESHNESS.at_most) is UsageEvent
    with pytest.raises(ConnectionError):
        world.read(STORED, after=A_MOMENT)


def test_an_outage_is_not_met_with_a_storm_of_questions(world: World) -> None:
    world.read(BUILT_IN)
    world.contracts.is_out_of_reach = True

    for _ in range(1000):
        world.read(BUILT_IN, after=timedelta(seconds=1))

    assert world.contracts.asked <= 1 + 1000 / ASKED_AGAIN_AFTER.total_seconds()


def test_nothing_is_judged_before_they_were_known_once(world: World) -> None:
    world.contracts.is_out_of_reach = True
    with pytest.raises(ConnectionError):
        world.read(BUILT_IN)

    world.contracts.is_out_of_reach = False
    assert world.read(BUILT_IN) is UsageEvent


def test_no_change_takes_effect_before_the_oldest_knowledge_of_it_has_gone() -> None:
    assert FRESHNESS.at_most < LEAD
