"""The stages of the road, wired as their handlers wire them. A new stage is one entry in a table at the end.

Each is built anew for every process, so that what a process remembers is its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from functions.aggregate_usage import use_case as aggregation
from functions.archive_usage import use_case as archiving
from functions.close_usage_windows import use_case as closing
from functions.detect_late_usage import use_case as detection
from functions.enrich_usage import use_case as enrichment
from functions.ingest_usage import use_case as ingestion
from functions.open_exception import use_case as opening
from functions.release_parked_usage import use_case as releasing
from functions.verify_usage_archive import use_case as verification
from shared.adapters.catalog_versions import RememberedCatalogVersions
from shared.adapters.ledger_audit import LogsAudit
from shared.adapters.seldom_signs import SeldomSigns
from shared.contracts.exceptions import read_message
from shared.contracts.metered_rows import read_metered_rows
from shared.contracts.usage_event.published_reader import PublishedContractReader
from shared.contracts.usage_stream import read_accepted_rows
from shared.domain.archive.delivery import judge_with
from shared.domain.master_data.freshness import Freshness
from shared.domain.metering.homes import Homes
from shared.domain.metering.log_view import LogViews
from shared.domain.usage.stream_record import StreamRecord
from tests.fakes.in_memory_contract_counts import InMemoryContractCounts
from tests.fakes.in_memory_metrics import InMemoryMetrics
from tests.fakes.plain_recount import PlainRecount
from tests.simulation.metering.ports import HORIZON, PERIOD, SEAL_GRACE, Ports
from tests.simulation.metering.repairs import correct, replay

MOST_IDS_REMEMBERED = 8  # tiny, so that processes forget

StreamWork: TypeAlias = Callable[[Sequence[StreamRecord]], None]
QueueWork: TypeAlias = Callable[[str], None]
ScheduledWork: TypeAlias = Callable[[datetime], object]


def _ingest(ports: Ports) -> StreamWork:
    reader, signs = PublishedContractReader(ports.contracts, ports.clock), SeldomSigns(ports.signs)

    def work(records: Sequence[StreamRecord]) -> None:
        ingestion.ingest_usage(
            records,
            tenant=ports.tenant,
            read=reader,
            horizon=HORIZON,
            home=ports.layout.home,
            corrections=ports.corrections,
            accepted_usage=ports.accepted_usage,
            reporter=ports.reporter,
            signs=signs,
            progress=ports.progress,
            counts=InMemoryContractCounts(),
        )

    return work


def _archive(ports: Ports) -> StreamWork:
    return lambda records: archiving.archive_usage(records, archive=ports.archive, progress=ports.progress)


def _enrich(ports: Ports) -> StreamWork:
    seldom = Freshness.of(unasked_seconds=120, at_most_seconds=600)
    return enrichment.UsageEnricher(
        tenant=ports.tenant,
        read=read_accepted_rows,
        versions=RememberedCatalogVersions(ports.master_data, ports.clock, seldom),
        master_data=ports.master_data,
        billable_usage=ports.billable_usage,
        parked=ports.parked,
        releases=ports.releases,
        reporter=ports.reporter,
        progress=ports.progress,
        metrics=InMemoryMetrics(),
        clock=ports.clock,
    ).enrich


def _aggregate(ports: Ports) -> StreamWork:
    ledger = aggregation.Ledger(
        logs=ports.logs, slices=ports.closing, views=LogViews(MOST_IDS_REMEMBERED), homes=Homes(ports.layout)
    )

    def work(records: Sequence[StreamRecord]) -> None:
        aggregation.aggregate_usage(
            records,
            read=read_metered_rows,
            ledger=ledger,
            reporter=ports.reporter,
            progress=ports.progress,
            metrics=InMemoryMetrics(),
            tenant=ports.tenant,
        )

    return work


def _open_exception(ports: Ports) -> QueueWork:
    def work(body: str) -> None:
        raised, resolved = read_message(body)
        opening.open_exceptions(raised, resolved, tenant=ports.tenant, store=ports.exceptions)

    return work


def _release(ports: Ports) -> QueueWork:
    releaser = releasing.ParkedUsageReleaser(
        master_data=ports.master_data,
        parked=ports.parked,
        accepted_usage=ports.accepted_usage,
        releases=ports.releases,
        reporter=ports.reporter,
        clock=ports.clock,
        most=3,
    )
    return lambda _: void(releaser.release())


def _close(ports: Ports) -> ScheduledWork:
    closer = closing.WindowCloser(
        tenant=ports.tenant,
        layout=ports.layout,
        grace=SEAL_GRACE,
        streams=closing.Streams(
            usage_events="usage-events", accepted_usage="accepted-usage", billable_usage="billable-usage"
        ),
        logs=ports.logs,
        slices=ports.closing,
        closing=ports.closing,
        snapshots=ports.snapshots,
        progress=ports.progress,
        tails=ports.tails,
        reporter=ports.reporter,
        clock=ports.clock,
    )
    return lambda _: closer.close()


def _detect(ports: Ports) -> ScheduledWork:
    return detection.LateUsageDetector(
        tenant=ports.tenant,
        layout=ports.layout,
        logs=ports.logs,
        manifests=ports.manifests,
        reporter=ports.reporter,
    ).detect


def _verify(ports: Ports) -> ScheduledWork:
    verifier = verification.ArchiveVerifier(
        tenant=ports.tenant,
        horizon=HORIZON,
        seal_grace=SEAL_GRACE,
        layout=ports.layout,
        recount=PlainRecount(ports.archive, judge_with(PublishedContractReader(ports.contracts, ports.clock), HORIZON)),
        ledger=LogsAudit(ports.logs, ports.layout),
        parked_deliveries=ports.parked.parked_deliveries,
        master_data=ports.master_data,
        holds=ports.holds,
        reporter=ports.reporter,
        clock=ports.clock,
    )
    return lambda as_of: verifier.verify([PERIOD], as_of)


def void(_: object) -> None:
    """Drop an answer that nobody reads."""


@dataclass(frozen=True, slots=True)
class StreamStage:
    name: str
    stream: str
    build: Callable[[Ports], StreamWork]


@dataclass(frozen=True, slots=True)
class QueueStage:
    name: str
    queue: str
    build: Callable[[Ports], QueueWork]


@dataclass(frozen=True, slots=True)
class ScheduledStage:
    """`when_sealed` starts it only once the billing period is sealed, as the bill run does.

    `alone` is one that relies on its concurrency of one: while it runs, whoever invokes it is refused.
    """

    name: str
    every: timedelta
    build: Callable[[Ports], ScheduledWork]
    when_sealed: bool = False
    alone: bool = False


STREAM_STAGES = (
    StreamStage("ingest", "usage-events", _ingest),
    StreamStage("archive", "usage-events", _archive),
    StreamStage("enrich", "accepted-usage", _enrich),
    StreamStage("aggregate", "billable-usage", _aggregate),
)
QUEUE_STAGES = (
    QueueStage("open_exception", "exceptions", _open_exception),
    QueueStage("release", "parked-usage-releases", _release),
    QueueStage("replay", "replays", replay),
)
SCHEDULED_STAGES = (
    ScheduledStage("close", timedelta(hours=1), _close),
    ScheduledStage("correct", timedelta(hours=2), correct, alone=True),
    ScheduledStage("detect", timedelta(hours=6), _detect),
    ScheduledStage("verify", timedelta(hours=4), _verify, when_sealed=True),
)
# Queues to which the Scheduler sends a message of its own.
REMINDED_QUEUES = {"parked-usage-releases": timedelta(hours=1)}
ALL_STAGES = (*STREAM_STAGES, *QUEUE_STAGES, *SCHEDULED_STAGES)
