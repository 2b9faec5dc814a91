"""A source that goes quiet is told of once, by what arrived and not by what it says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.detect_quiet_producers.use_case import Detected, QuietProducerDetector
from shared.domain.exception_record import ExceptionCode, ExceptionRecord
from shared.domain.identifiers import CatalogVersion, ExceptionId, TenantId
from shared.domain.producers.producer import Completeness, Producer
from shared.domain.producers.signs_of_life import Sign, Watch
from shared.domain.resolution import Resolution
from tests.builders.catalog import catalog
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter, InMemoryExceptionStore
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.in_memory_metering_ledger import InMemoryStreamTails
from tests.fakes.in_memory_metrics import InMemoryMetrics
from tests.fakes.in_memory_producers import InMemorySignsOfLife, InMemoryWatchedProducers
from tests.fakes.in_memory_stage_progress import InMemoryStageProgress
from tests.fakes.steady_clock import SteadyClock

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TENANT = TenantId("nimbus")
GATEWAY = Producer(
    source="urn:nimbus:gateway",
    quiet_after=30 * MINUTE,
    completeness=Completeness.NONE,
    owner="gateway team",
)
IMPORTER = replace(GATEWAY, source="urn:nimbus:importer", quiet_after=1440 * MINUTE, owner="data team")
QUIET = ExceptionId("PRODUCER_QUIET:urn:nimbus:gateway")


class DeliveredReporter(InMemoryExceptionReporter):
    """Hands everything on to a store at once, as the queue does in time."""

    def __init__(self, store: InMemoryExceptionStore) -> None:
        super().__init__()
        self._store = store

    def report(self, records: Sequence[ExceptionRecord]) -> None:
        super().report(records)
        for record in records:
            self._store.open(record)

    def resolve(self, exception_id: ExceptionId, resolution: str, resolved_at: datetime) -> None:
        super().resolve(exception_id, resolution, resolved_at)
        self._store.resolve(
            Resolution(exception_id=exception_id, tenant=TENANT, resolution=resolution, resolved_at=resolved_at)
        )


class World:
    """The detector with everything around it in memory. Ingest has read everything unless it is said to be behind."""

    def __init__(self, *producers: Producer) -> None:
        self.clock = SteadyClock(NOON)
        self.signs = InMemorySignsOfLife()
        self.watched = InMemoryWatchedProducers()
        self.progress = InMemoryStageProgress()
        self.tails = InMemoryStreamTails()
        self.store = InMemoryExceptionStore(TENANT)
        self.reporter = DeliveredReporter(self.store)
        self.metrics = InMemoryMetrics()
        self.master_data = InMemoryMasterData()
        self._versions = 0
        self.publish(*producers)

    def publish(self, *producers: Producer) -> None:
        self._versions += 1
        version = CatalogVersion(f"2026-03-01T00:00:00.000000Z-{self._versions:012d}")
        self.master_data.write(version, replace(catalog(), producers=producers))
        self.master_data.publish(version)

    def hear(self, source: str, minutes: float, sign: Sign = Sign.EVENT) -> None:
        self.signs.record({(source, sign): NOON + minutes * MINUTE})

    def detect(self, minutes: float) -> Detected:
        """Run at so many minutes after noon."""
        self.clock.instant = NOON + minutes * MINUTE
        return self.detector().detect()

    def detector(self) -> QuietProducerDetector:
        return QuietProducerDetector(
            tenant=TENANT,
            usage_events="usage-events",
            master_data=self.master_data,
            signs=self.signs,
            watched=self.watched,
            progress=self.progress,
            tails=self.tails,
            reporter=self.reporter,
            metrics=self.metrics,
            clock=self.clock,
        )

    def open(self) -> list[str]:
        return [record.subject for record in self.store.open_records(ExceptionCode.PRODUCER_QUIET)]


@pytest.fixture
def world() -> World:
    """Return a world in which the gateway was watched and heard at noon."""
    made = World(GATEWAY)
    made.hear(GATEWAY.source, 0)
    made.detect(0)
    return made


def test_a_source_is_quiet_when_its_time_is_over_and_not_before(world: World) -> None:
    # A sign is written down once a minute, so that the last one may be a minute newer than what is written.
    assert world.detect(31) == Detected(watched=1, quiet=0)
    assert world.detect(31.1) == Detected(watched=1, quiet=1)

    (told,) = world.reporter.reported
    assert told.exception_id == QUIET
    assert told.detail == {"owner": "gateway team", "last_heard": "2026-03-15T12:00:00.000000Z", "silent_minutes": "31"}
    assert world.metrics.recorded[-1][:2] == ("QuietProducers", 1)


def test_a_source_that_is_heard_of_stays_unmentioned(world: World) -> None:
    for minutes in range(0, 300, 20):
        world.hear(GATEWAY.source, minutes)
        world.detect(minutes + 15)

    assert world.reporter.reported == []
    assert world.reporter.resolved == {}


def test_the_exception_closes_when_the_source_is_heard_of_again_and_opens_when_it_is_quiet_again(world: World) -> None:
    world.detect(40)
    world.hear(GATEWAY.source, 45)
    world.detect(50)
    assert world.open() == []

    world.detect(90)
    assert world.open() == [GATEWAY.source]


def test_each_source_has_its_own_time_and_owner(world: World) -> None:
    world.publish(GATEWAY, IMPORTER)
    world.hear(IMPORTER.source, 0)

    assert world.detect(60) == Detected(watched=2, quiet=1)
    assert world.open() == [GATEWAY.source]

    world.detect(1502)
    assert world.open() == [GATEWAY.source, IMPORTER.source]


def test_somebody_who_closes_it_is_left_in_peace_as_long_as_nothing_changes(world: World) -> None:
    world.detect(40)
    world.store.resolve(
        Resolution(exception_id=QUIET, tenant=TENANT, resolution="moving house", resolved_at=NOON + 45 * MINUTE)
    )

    for minutes in (50, 60, 600):
        world.detect(minutes)

    assert world.open() == []
    assert world.metrics.recorded[-1][:2] == ("QuietProducers", 1)


def test_a_source_that_never_sent_anything_is_quiet_when_its_first_time_is_over() -> None:
    world = World(GATEWAY)

    assert [world.detect(minutes).quiet for minutes in (0, 31, 32)] == [0, 0, 1]
    assert world.reporter.reported[0].detail["last_heard"] == "never"


def test_a_source_that_is_new_in_the_catalogue_is_given_its_time_though_it_was_last_heard_long_ago() -> None:
    world = World()
    world.hear(GATEWAY.source, -5000)
    world.detect(0)
    world.publish(GATEWAY)

    assert [world.detect(minutes).quiet for minutes in (10, 41, 42)] == [0, 0, 1]


def test_a_source_that_leaves_the_catalogue_is_not_asked_for_any_more(world: World) -> None:
    world.detect(40)
    world.publish(IMPORTER)

    world.detect(45)

    assert world.open() == []
    assert world.reporter.resolved == {QUIET: "it is not watched over any more"}
    assert set(world.watched.watches()) == {IMPORTER.source}


def test_a_source_that_comes_back_into_the_catalogue_starts_anew(world: World) -> None:
    world.publish()
    world.detect(10)
    world.publish(GATEWAY)

    assert [world.detect(minutes).quiet for minutes in (60, 90, 92)] == [0, 0, 1]


def test_a_source_is_not_blamed_for_what_ingest_has_yet_to_read(world: World) -> None:
    world.progress.record("ingest", "shardId-000000000000", "7", NOON)
    world.tails.newest["usage-events"] = 8

    assert world.detect(120) == Detected(watched=1, quiet=0)


def test_while_ingest_knows_nothing_of_a_shard_nothing_is_told(world: World) -> None:
    world.tails.newest["usage-events"] = 1
    figures = list(world.metrics.recorded)

    assert world.detect(120) == Detected(watched=1, quiet=None)
    assert world.reporter.reported == []
    assert world.metrics.recorded == figures


def test_a_source_that_promised_heartbeats_is_quiet_without_them_whatever_it_sends() -> None:
    world = World(replace(GATEWAY, completeness=Completeness.HEARTBEAT))
    world.hear(GATEWAY.source, 0, Sign.HEARTBEAT)
    world.detect(0)
    world.hear(GATEWAY.source, 40)

    world.detect(41)
    assert world.reporter.reported[0].message == "no heartbeat of it for more than 30 minutes"

    world.hear(GATEWAY.source, 42, Sign.HEARTBEAT)
    world.detect(43)
    assert world.open() == []


def test_without_a_catalogue_there_is_nobody_to_watch() -> None:
    world = World()
    world.master_data = InMemoryMasterData()

    assert world.detect(0) == Detected(watched=0, quiet=0)


def test_a_run_that_dies_before_it_told_is_made_good_by_the_next_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_records: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(world.reporter, "report", die)
        with pytest.raises(ConnectionError):
            world.detect(40)

    world.detect(45)
    assert world.open() == [GATEWAY.source]
    assert world.store.find(QUIET) is not None


def test_a_run_that_dies_before_it_remembers_that_all_is_well_takes_it_back_twice(world: World) -> None:
    world.detect(40)
    world.hear(GATEWAY.source, 45)
    told = world.watched.watches()[GATEWAY.source]
    world.detect(50)
    world.watched.keep(GATEWAY.source, told)  # as if the run had died there

    world.detect(55)

    assert world.open() == []
    assert world.watched.watches() == {GATEWAY.source: Watch(since=NOON)}
