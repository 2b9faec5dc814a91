"""A batch of accepted usage becomes billable, or is parked with one exception for each reason."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from functions.enrich_usage.use_case import UsageEnricher
from shared.adapters.catalog_versions import RememberedCatalogVersions
from shared.contracts.usage_rows import accepted_row
from shared.contracts.usage_stream import read_accepted_rows
from shared.domain.identifiers import CatalogVersion, TenantId
from shared.domain.master_data.freshness import Freshness
from shared.domain.metering.watermark import Checkpoint
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.metrics import Unit
from tests.builders.catalog import (
    FIRST_VERSION,
    SECOND_VERSION,
    accepted,
    catalog,
    catalog_with_wayne,
    metering_requests_too,
)
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.in_memory_metrics import InMemoryMetrics
from tests.fakes.in_memory_parked_usage import InMemoryParkedUsage
from tests.fakes.in_memory_parked_usage_releases import InMemoryParkedUsageReleases
from tests.fakes.in_memory_stage_progress import InMemoryStageProgress
from tests.fakes.in_memory_usage_streams import InMemoryUsageStreams
from tests.fakes.usage import SHARD, as_bytes

FRESHNESS = Freshness.of(unasked_seconds=10, at_most_seconds=900)
ARRIVED_AT = datetime(2026, 3, 15, 10, 8, tzinfo=UTC)
BEFORE_THE_CONTRACT = datetime(2025, 12, 20, tzinfo=UTC)


class StandingClock:
    def now(self) -> datetime:
        return ARRIVED_AT + timedelta(seconds=3)


class Enrichment:
    """The use case with everything it needs in memory."""

    def __init__(self, master_data: InMemoryMasterData | None = None) -> None:
        self.master_data = master_data or InMemoryMasterData()
        self.streams = InMemoryUsageStreams()
        self.parked = InMemoryParkedUsage()
        self.releases = InMemoryParkedUsageReleases()
        self.reporter = InMemoryExceptionReporter()
        self.progress = InMemoryStageProgress()
        self.metrics = InMemoryMetrics()
        if master_data is None:
            self.publish(FIRST_VERSION)
        self.enricher = UsageEnricher(
            tenant=TenantId("nimbus"),
            read=read_accepted_rows,
            versions=RememberedCatalogVersions(self.master_data, StandingClock(), FRESHNESS),
            master_data=self.master_data,
            billable_usage=self.streams,
            parked=self.parked,
            releases=self.releases,
            reporter=self.reporter,
            progress=self.progress,
            metrics=self.metrics,
            clock=StandingClock(),
        )

    def publish(self, version: CatalogVersion) -> None:
        self.master_data.write(version, catalog() if version == FIRST_VERSION else catalog_with_wayne())
        self.master_data.publish(version)

    def enrich(self, *records: Sequence[AcceptedUsage]) -> None:
        self.enricher.enrich(
            [
                StreamRecord(SHARD, str(number), ARRIVED_AT, as_bytes([accepted_row(usage) for usage in record]))
                for number, record in enumerate(records, start=1)
            ]
        )

    def waiting(self) -> dict[str, int]:
        return {group.exception_id: count for group, count in self.parked.counts().items()}


class MasterDataThatMoves(InMemoryMasterData):
    """Publishes its next version after the second look, which is the last one before anything is parked."""

    def __init__(self) -> None:
        super().__init__()
        self._looks = 0
        self.write(FIRST_VERSION, catalog())
        self.write(SECOND_VERSION, catalog_with_wayne())
        self.publish(FIRST_VERSION)

    def version(self) -> CatalogVersion | None:
        seen = super().version()
        self._looks += 1
        if self._looks == 2:
            self.publish(SECOND_VERSION)
        return seen


def test_known_usage_is_billable_and_the_stage_has_come_so_far() -> None:
    enrichment = Enrichment()

    enrichment.enrich([accepted(1), accepted(2)], [accepted(3, subject="chandra")])

    assert [usage.customer_id for usage in enrichment.streams.billable] == ["acme", "acme", "chandra"]
    assert enrichment.progress.recorded == {("enrich", SHARD): Checkpoint("2", ARRIVED_AT)}
    assert enrichment.reporter.reported == []


def test_a_thousand_events_of_an_unknown_customer_are_one_exception() -> None:
    enrichment = Enrichment()

    enrichment.enrich([accepted(number, subject="wayne") for number in range(1_000)])

    assert enrichment.waiting() == {"UNKNOWN_CUSTOMER:wayne/api_calls": 1_000}
    (exception,) = enrichment.reporter.reported
    assert exception.subject == "wayne/api_calls"
    assert exception.detail["first_delivery"] == "shardId-000000000000:1000:0"
    assert enrichment.streams.billable == []


def test_usage_beside_parked_usage_goes_on() -> None:
    enrichment = Enrichment()

    enrichment.enrich([accepted(1, subject="wayne"), accepted(2), accepted(3, meter="gpu_hours")])

    assert [str(usage.accepted.delivery) for usage in enrichment.streams.billable] == ["shardId-000000000000:1002:0"]
    assert enrichment.waiting() == {"UNKNOWN_CUSTOMER:wayne/api_calls": 1, "UNKNOWN_METER:acme/gpu_hours": 1}


def test_what_one_meter_cannot_measure_waits_and_the_rest_goes_on() -> None:
    master_data = InMemoryMasterData()
    master_data.write(FIRST_VERSION, metering_requests_too())
    master_data.publish(FIRST_VERSION)
    enrichment = Enrichment(master_data)

    enrichment.enrich([accepted(1, dimensions=(("tier", "gold"),))])

    assert [usage.measurement.meter.code for usage in enrichment.streams.billable] == ["api_calls", "premium_calls"]
    assert enrichment.waiting() == {"UNMEASURABLE_USAGE:acme/traffic": 1}
    (exception,) = enrichment.reporter.reported
    assert exception.message == "meter traffic: the event has no attribute bytes"


def test_measurements_of_one_event_wait_each_for_itself() -> None:
    master_data = InMemoryMasterData()
    master_data.write(FIRST_VERSION, metering_requests_too())
    master_data.publish(FIRST_VERSION)
    enrichment = Enrichment(master_data)

    enrichment.enrich([accepted(1, occurred_at=BEFORE_THE_CONTRACT, dimensions=(("tier", "gold"),))])

    assert enrichment.streams.billable == []
    assert enrichment.waiting() == {
        "NO_ACTIVE_SUBSCRIPTION:acme/api_calls": 1,
        "NO_ACTIVE_SUBSCRIPTION:acme/premium_calls": 1,
        "UNMEASURABLE_USAGE:acme/traffic": 1,
    }


def test_a_batch_that_comes_twice_is_parked_once() -> None:
    enrichment = Enrichment()

    enrichment.enrich([accepted(1, subject="wayne")])
    enrichment.enrich([accepted(1, subject="wayne")])

    assert enrichment.waiting() == {"UNKNOWN_CUSTOMER:wayne/api_calls": 1}
    assert len(enrichment.reporter.open) == 1


def test_before_any_catalogue_everything_waits() -> None:
    enrichment = Enrichment(InMemoryMasterData())

    enrichment.enrich([accepted(1)])

    assert enrichment.waiting() == {"UNKNOWN_CUSTOMER:acme/api_calls": 1}


def test_parking_asks_for_a_look_when_a_version_was_published_meanwhile() -> None:
    enrichment = Enrichment(MasterDataThatMoves())

    enrichment.enrich([accepted(1, subject="wayne")])

    assert enrichment.waiting() == {"UNKNOWN_CUSTOMER:wayne/api_calls": 1}
    assert enrichment.releases.requested == [SECOND_VERSION]


def test_usage_that_only_the_newest_version_knows_is_billable_though_an_older_one_is_remembered() -> None:
    """Parked under the older one, it would wait for another look, and one that dies before it asks gets none."""
    enrichment = Enrichment()
    enrichment.enrich([accepted(1)])
    enrichment.publish(SECOND_VERSION)

    enrichment.enrich([accepted(2, subject="wayne")])

    assert len(enrichment.streams.billable) == 2
    assert enrichment.waiting() == {}
    assert enrichment.releases.requested == []


def test_parking_asks_for_nothing_while_master_data_stands() -> None:
    enrichment = Enrichment()

    enrichment.enrich([accepted(1, subject="wayne")])

    assert enrichment.releases.requested == []


def test_the_age_of_master_data_is_told_once_a_batch() -> None:
    enrichment = Enrichment()

    enrichment.enrich([accepted(1), accepted(2)], [accepted(3)])

    assert enrichment.metrics.recorded == [("MasterDataAge", 0.0, Unit.SECONDS)]


class MasterDataThatGoesAway(InMemoryMasterData):
    """Answers the first question for its version, and no other."""

    asked = 0

    def version(self) -> CatalogVersion | None:
        self.asked += 1
        if self.asked > 1:
            raise ConnectionError("no answer")
        return super().version()


def test_known_usage_goes_on_without_asking_for_the_version_again() -> None:
    away = MasterDataThatGoesAway()
    enrichment = Enrichment(away)
    enrichment.publish(FIRST_VERSION)

    enrichment.enrich([accepted(1)])
    enrichment.enrich([accepted(2)])

    assert (len(enrichment.streams.billable), away.asked) == (2, 1)


def test_usage_is_not_parked_for_good_while_nobody_can_tell_the_version() -> None:
    """A version that was published meanwhile may already have been looked at: the batch has to come again."""
    enrichment = Enrichment(MasterDataThatGoesAway())
    enrichment.publish(FIRST_VERSION)

    with pytest.raises(ConnectionError):
        enrichment.enrich([accepted(1, subject="wayne")])

    assert enrichment.progress.recorded == {}
