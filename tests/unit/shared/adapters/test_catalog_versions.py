"""The version of master data is asked for seldom, outlives a short outage, and is never older than is allowed."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.catalog_versions import RememberedCatalogVersions
from shared.domain.identifiers import CatalogVersion
from shared.domain.master_data.freshness import Freshness, VersionInUse
from tests.builders.catalog import FIRST_VERSION, SECOND_VERSION, catalog
from tests.fakes.in_memory_master_data import InMemoryMasterData

START = datetime(2026, 3, 15, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FRESHNESS = Freshness(unasked=10 * SECOND, at_most=300 * SECOND)


class MasterDataThatMayBeAway(InMemoryMasterData):
    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.asked = 0

    def version(self) -> CatalogVersion | None:
        self.asked += 1
        if self.away:
            raise ConnectionError("no answer")
        return super().version()

    def put(self, version: CatalogVersion) -> None:
        self.write(version, catalog())
        self.publish(version)


class Watched:
    """Versions as a function sees them while time goes by."""

    def __init__(self) -> None:
        self.master_data = MasterDataThatMayBeAway()
        self.time = START
        self.versions = RememberedCatalogVersions(self.master_data, self, FRESHNESS)

    def now(self) -> datetime:
        return self.time

    def after(self, seconds: int) -> VersionInUse:
        self.time = START + seconds * SECOND
        return self.versions.recent()


@pytest.fixture
def watched() -> Watched:
    watched = Watched()
    watched.master_data.put(FIRST_VERSION)
    assert watched.after(0) == VersionInUse(version=FIRST_VERSION, age=timedelta(0))
    return watched


def test_a_version_is_not_asked_for_again_for_a_while(watched: Watched) -> None:
    watched.master_data.put(SECOND_VERSION)

    assert watched.after(10) == VersionInUse(version=FIRST_VERSION, age=10 * SECOND)
    assert watched.master_data.asked == 1
    assert watched.after(11) == VersionInUse(version=SECOND_VERSION, age=timedelta(0))


def test_as_long_as_nothing_is_published_every_look_asks() -> None:
    watched = Watched()

    assert watched.after(0).version is None
    watched.master_data.put(FIRST_VERSION)
    assert watched.after(1).version == FIRST_VERSION


def test_an_outage_is_outlived_up_to_the_age_that_is_allowed(watched: Watched) -> None:
    watched.master_data.away = True

    assert watched.after(300) == VersionInUse(version=FIRST_VERSION, age=300 * SECOND)
    with pytest.raises(ConnectionError):
        watched.after(301)


def test_after_an_outage_the_age_begins_anew(watched: Watched) -> None:
    watched.master_data.away = True
    watched.after(200)
    watched.master_data.away = False

    assert watched.after(400) == VersionInUse(version=FIRST_VERSION, age=timedelta(0))


def test_the_first_look_needs_an_answer() -> None:
    watched = Watched()
    watched.master_data.away = True

    with pytest.raises(ConnectionError):
        watched.after(0)


def test_the_latest_version_is_asked_for_and_never_remembered(watched: Watched) -> None:
    watched.master_data.put(SECOND_VERSION)

    assert watched.versions.latest() == SECOND_VERSION
    assert watched.after(1).version == SECOND_VERSION
    watched.master_data.away = True
    with pytest.raises(ConnectionError):
        watched.versions.latest()


def test_what_is_allowed_at_most_is_not_less_than_what_goes_unasked() -> None:
    with pytest.raises(ValueError, match="at most"):
        Freshness(unasked=10 * SECOND, at_most=5 * SECOND)
