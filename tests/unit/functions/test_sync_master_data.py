"""A catalogue becomes the published version once, never backwards, and however often it stops on the way."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from functions.sync_master_data.use_case import (
    AmendedMeanwhileError,
    Published,
    Superseded,
    Synchronization,
    sync_master_data,
)
from shared.domain.identifiers import CatalogVersion, ContractId, CustomerId
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.recorded_amendments import RecordedAmendment
from shared.domain.subscriptions.anniversary import CALENDAR_MONTHS, BillingCycle
from shared.domain.time_period import Period
from shared.domain.usage.contract_definition import ContractDefinition
from shared.ports.catalog_store import UnusableCatalogError
from tests.builders.amendments import ORDER, asked
from tests.builders.catalog import FIRST_VERSION, SECOND_VERSION, catalog
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.in_memory_parked_usage_releases import InMemoryParkedUsageReleases
from tests.fakes.usage_contract_folder import read_contract, write_contract

THIRD_VERSION = CatalogVersion("2026-03-21T00:00:00.000000Z-000000000003")
VALID_FROM = datetime(2026, 1, 1, 5, tzinfo=UTC)  # midnight in New York


class CrashError(Exception):
    """The environment ends here."""


class OneCatalog:
    """A store in which every version is the same catalogue (port CatalogStore)."""

    def __init__(self, usage_contracts: tuple[ContractDefinition, ...] = ()) -> None:
        self.usage_contracts = usage_contracts
        self.billing = CALENDAR_MONTHS
        self.valid_from = VALID_FROM

    def load(self, key: str, version: CatalogVersion) -> Catalog:
        known = catalog()
        acme, *others = known.contracts
        acme = replace(acme, billing=self.billing, active=Period(self.valid_from, acme.active.end))
        return replace(known, contracts=(acme, *others), usage_contracts=self.usage_contracts)


class ReleasesThatCrashOnce(InMemoryParkedUsageReleases):
    crashed = False

    def request(self, version: CatalogVersion) -> None:
        if not self.crashed:
            self.crashed = True
            raise CrashError
        super().request(version)


@dataclass
class World:
    master_data: InMemoryMasterData = field(default_factory=InMemoryMasterData)
    releases: InMemoryParkedUsageReleases = field(default_factory=InMemoryParkedUsageReleases)
    store: OneCatalog = field(default_factory=OneCatalog)

    def sync(self, version: CatalogVersion) -> Synchronization:
        return sync_master_data(
            version=version,
            key="any",
            store=self.store,
            versions=self.master_data,
            published=self.master_data,
            contracts=self.master_data,
            releases=self.releases,
            amendments=self.master_data,
        )


def test_a_new_version_is_published_and_parked_usage_looked_at() -> None:
    world = World()

    assert world.sync(FIRST_VERSION) == Published(FIRST_VERSION)

    assert world.master_data.version() == FIRST_VERSION
    assert world.releases.requested == [FIRST_VERSION]


def test_an_older_version_that_comes_late_changes_nothing() -> None:
    world = World()
    world.sync(SECOND_VERSION)

    assert world.sync(FIRST_VERSION) == Superseded(SECOND_VERSION)

    assert world.master_data.version() == SECOND_VERSION
    assert world.releases.requested == [SECOND_VERSION]


def test_a_version_that_changes_what_was_measured_by_is_refused_with_its_reason(tmp_path: Path) -> None:
    storage = read_contract(write_contract(tmp_path))
    world = World(store=OneCatalog((storage,)))
    world.sync(FIRST_VERSION)
    world.store.usage_contracts = (replace(storage, versions=storage.versions[:1]),)

    with pytest.raises(UnusableCatalogError, match="contract storage: version 2 is published"):
        world.sync(SECOND_VERSION)

    assert world.master_data.version() == FIRST_VERSION
    assert world.releases.requested == [FIRST_VERSION]


def test_the_same_message_twice_publishes_the_same() -> None:
    world = World()
    world.sync(FIRST_VERSION)

    assert world.sync(FIRST_VERSION) == Published(FIRST_VERSION)

    assert world.master_data.version() == FIRST_VERSION


def test_a_run_that_ended_before_it_asked_for_the_release_is_made_up_for() -> None:
    world = World(releases=ReleasesThatCrashOnce())
    with pytest.raises(CrashError):
        world.sync(FIRST_VERSION)

    world.sync(FIRST_VERSION)

    assert world.releases.requested == [FIRST_VERSION]


def test_a_contract_in_force_is_not_billed_by_other_periods_than_before() -> None:
    world = World()
    world.sync(FIRST_VERSION)
    world.store.billing = BillingCycle(anchor_day=15)

    with pytest.raises(UnusableCatalogError, match="contract c-acme: the billing periods of a contract in force"):
        world.sync(SECOND_VERSION)

    assert world.master_data.version() == FIRST_VERSION


def test_a_contract_that_has_not_begun_may_still_be_billed_by_other_periods() -> None:
    world = World()
    world.store.valid_from = datetime(2026, 12, 1, 5, tzinfo=UTC)
    world.sync(FIRST_VERSION)
    world.store.billing = BillingCycle(anchor_day=15)

    assert world.sync(SECOND_VERSION) == Published(SECOND_VERSION)


def test_a_quarterly_contract_does_not_move_its_quarters_with_its_start() -> None:
    world = World()
    world.store.billing = BillingCycle(every_months=3)
    world.sync(FIRST_VERSION)
    world.store.valid_from = datetime(2025, 10, 1, 4, tzinfo=UTC)
    assert world.sync(SECOND_VERSION) == Published(SECOND_VERSION)
    world.store.valid_from = datetime(2025, 11, 1, 4, tzinfo=UTC)

    with pytest.raises(UnusableCatalogError, match="never change"):
        world.sync(THIRD_VERSION)


def test_a_catalogue_that_a_recorded_amendment_does_not_fit_is_refused_with_the_reason() -> None:
    world = World()
    world.sync(FIRST_VERSION)
    message = asked()
    world.master_data.changes = 1
    world.master_data.recorded[CustomerId("acme")] = [
        RecordedAmendment(
            request_id=ORDER,
            contract_id=ContractId("c-acme"),
            amendment=message.amendment_in(ZoneInfo("America/New_York")),
            since=1,
        )
    ]

    with pytest.raises(UnusableCatalogError, match="recorded amendments of c-acme: 'business' is not a plan"):
        world.sync(SECOND_VERSION)
    assert world.master_data.current() == FIRST_VERSION


class AmendedWhileWritten(InMemoryMasterData):
    """Master data of which an amendment is recorded while a version is written."""

    def write(self, version: CatalogVersion, catalog: Catalog) -> None:
        super().write(version, catalog)
        self.changes += version == SECOND_VERSION


def test_a_catalogue_is_checked_again_when_an_amendment_is_recorded_meanwhile() -> None:
    world = World(master_data=AmendedWhileWritten())
    world.sync(FIRST_VERSION)

    with pytest.raises(AmendedMeanwhileError):
        world.sync(SECOND_VERSION)
    assert world.master_data.current() == FIRST_VERSION
