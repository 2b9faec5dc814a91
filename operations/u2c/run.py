"""u2c run: the whole cash cycle in simulated time, on the synthesised template, with simulated ERPs."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from infra.synthesize import templates
from operations.local.calls import CallObserver
from operations.local.cloud import LocalCloud, UsageRecord
from operations.u2c.approver import CatalogApprover
from operations.u2c.books import Books
from operations.u2c.collect import Collector
from operations.u2c.events_file import EventLine, EventsFile, pack
from operations.u2c.simulated_erps import SimulatedErps, simulated_erps
from operations.u2c.simulated_tax_engines import SimulatedTaxEngines, simulated_tax_engines
from operations.u2c.timeline import anchor_days, default_until, draft_graces, steps
from shared.adapters.dynamodb.tax_intents import open_key
from shared.contracts.catalog import catalog_document
from shared.contracts.exception_entries import raise_entry
from shared.domain.exception_record import ExceptionRecord, exception_id
from shared.domain.master_data.catalog import Catalog
from shared.domain.time_period import parse_instant
from shared.runtime import aws
from shared.runtime.logging import logger
from simulators.erp import FaultPlan

DAY = timedelta(days=1)
SEAL_GRACE = DAY
SETTLING_STEP = timedelta(minutes=5)  # how often resolver and relay look
SETTLING_STEPS_MAX = 200
QUEUES = (
    "Exceptions",
    "MasterDataChanges",
    "ParkedUsageReleases",
    "ApprovalDecisions",
    "ErpPostings",
    "TaxRecords",
    "InvoiceDocuments",
)
SYNTH_CACHE = Path(__file__).resolve().parents[2] / ".local" / "synth"  # wherever a run is started from


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """`catalogs` are published at their instants, the first one before anything arrives."""

    catalogs: Sequence[tuple[datetime | None, Catalog]]
    events: EventsFile
    events_name: str
    until: datetime | None
    faults: FaultPlan

    @property
    def catalog(self) -> Catalog:
        """The newest catalogue: the one that the outputs speak of."""
        return self.catalogs[-1][1]


@dataclass(slots=True)
class Stopwatch:
    """Where the wall-clock seconds of a run went."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run came to. `cloud` stands as the run left it, for as long as the result is in use."""

    books: Books
    cloud: LocalCloud
    erps: SimulatedErps
    tax_engines: SimulatedTaxEngines
    collector: Collector
    start: datetime
    until: datetime
    beancount: str
    injected_faults: Mapping[str, int]


@contextmanager
def logs_in(path: Path) -> Iterator[None]:
    """Write what the functions log to a file, as CloudWatch would keep it, instead of over the progress."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        on_screen = logger.registered_handler.setStream(file)  # type: ignore[attr-defined]
        try:
            yield
        finally:
            logger.registered_handler.setStream(on_screen)  # type: ignore[attr-defined]


@contextmanager
def run(
    given: RunInput, *, console: Console, watch: Stopwatch, observer: CallObserver | None = None
) -> Iterator[RunResult]:
    """Run until the end of the last event's billing period plus grace, then until every posting has settled.

    `observer` hears of every outside call that a function makes; what it raises kills that function's environment.
    """
    lines = given.events.lines
    start = _midnight(lines[0].arrives_at)
    last_arrival = _midnight(lines[-1].arrives_at)
    billed = default_until(given.events.last_event_of, given.catalog, SEAL_GRACE)
    until = given.until or max(billed, last_arrival + 2 * DAY)
    with watch.part("synthesise"):
        synthesized = templates(SYNTH_CACHE)
    with watch.part("deploy"):
        cloud = LocalCloud(synthesized, given.catalog.tenant, start)
        cloud.__enter__()
    try:
        with (
            simulated_tax_engines(
                legal_entities=given.catalog.legal_entities,
                tax_rates=given.catalog.tax_rates,
                faults=given.faults,
                now=cloud.clock.now,
            ) as tax_engines,
            simulated_erps(
                legal_entities=given.catalog.legal_entities,
                tax_rates=given.catalog.tax_rates,
                cloud=cloud,
                faults=given.faults,
                now=cloud.clock.now,
            ) as erps,
        ):
            cloud.on_call = observer
            month = _SimulatedMonth(given, cloud, watch)
            with _progress(console, start, until) as advance:
                month.pass_time(start, until, advance)
            cloud.on_call = None
            collector = Collector(cloud, given.catalog)
            with watch.part("read the books"):
                books = collector.books(
                    since=start,
                    events_in_file=sum(line.events for line in lines) + len(given.events.refused),
                    events_not_arrived=sum(line.events for line in lines if line.arrives_at >= until),
                    refused_by_producer=len(given.events.refused),
                    erps=erps,
                )
            yield RunResult(
                books=books,
                cloud=cloud,
                erps=erps,
                tax_engines=tax_engines,
                collector=collector,
                start=start,
                until=until,
                beancount=erps.to_beancount(),
                injected_faults=erps.injected_faults(),
            )
    finally:
        cloud.__exit__(None, None, None)


class _SimulatedMonth:
    def __init__(self, given: RunInput, cloud: LocalCloud, watch: Stopwatch) -> None:
        self._given = given
        self._cloud = cloud
        self._watch = watch
        self._to_publish = list(given.catalogs)
        self._approver = CatalogApprover(cloud, given.catalog)

    def pass_time(self, start: datetime, until: datetime, advance: "_Advance") -> None:
        lines = self._given.events.lines
        self._publish_due(start)
        self._report_refused()
        position = 0
        arrivals, anchors = [line.arrives_at for line in lines], anchor_days(self._given.catalog)
        graces = draft_graces(self._given.catalog)
        for step_end in steps(start=start, until=until, arrivals=arrivals, anchors=anchors, graces=graces):
            end = position
            while end < len(lines) and lines[end].arrives_at < step_end:
                end += 1
            self._step(step_end, lines[position:end])
            position = end
            advance(step_end)
        self._finish_what_is_under_way(until, advance)

    def _step(self, step_end: datetime, lines: Sequence[EventLine]) -> None:
        self._publish_due(step_end)
        with self._watch.part("usage: capture to ledger"):
            if lines:
                self._cloud.clock.advance_to(max(lines[-1].arrives_at, self._cloud.clock.now()))
                self._cloud.put_usage([UsageRecord(r.arrived_at, r.partition_key, r.data) for r in pack(lines)])
                self._cloud.settle()
        with self._watch.part("schedules: close, bill, post"):
            self._cloud.advance_to(step_end)
            if self._approver.decide(self._cloud.clock.now()):
                self._cloud.settle()

    def _finish_what_is_under_way(self, until: datetime, advance: "_Advance") -> None:
        """Give lost replies, quiet periods and messages that come again the time they need, bounded."""
        now = until
        for _ in range(SETTLING_STEPS_MAX):
            due = now if self._messages_wait() else self._next_due()
            if due is None:
                return
            now = max(now, due) + SETTLING_STEP
            with self._watch.part("schedules: close, bill, post"):
                self._cloud.advance_to(now)
                if self._approver.decide(now):
                    self._cloud.settle()
            advance(now)

    def _messages_wait(self) -> bool:
        """Say whether a queue holds a message, also one in flight. Dead letters wait for a person, not for time."""
        for queue in QUEUES:
            counts = aws.sqs().get_queue_attributes(
                QueueUrl=self._cloud.resource(f"{queue}QueueUrl"),
                AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
            )["Attributes"]
            if any(int(count) for count in counts.values()):
                return True
        return False

    def _next_due(self) -> datetime | None:
        """Return when the first posting or tax record that is still open is due; the sparse index holds those."""
        tenant = self._given.catalog.tenant
        return min(filter(None, map(self._first_due, (tenant, open_key(tenant)))), default=None)

    def _first_due(self, opened_by: str) -> datetime | None:
        found = aws.dynamodb().query(
            TableName=self._cloud.resource("PostingsTable"),
            IndexName="open-by-due",
            KeyConditionExpression="#open = :tenant",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={":tenant": {"S": opened_by}},
            Limit=1,
        )["Items"]
        return parse_instant(found[0]["due"]["S"]) if found else None

    def _publish_due(self, step_end: datetime) -> None:
        while self._to_publish and (self._to_publish[0][0] is None or self._to_publish[0][0] <= step_end):
            _, catalog = self._to_publish.pop(0)
            with self._watch.part("master data"):
                self._publish(catalog)

    def _publish(self, catalog: Catalog) -> None:
        published = catalog_document(catalog, published_at=self._cloud.clock.now())
        aws.s3().put_object(Bucket=self._cloud.resource("CatalogBucket"), Key=published.key, Body=published.body)
        self._cloud.send("MasterDataChanges", dict(published.message))
        self._cloud.settle()

    def _report_refused(self) -> None:
        """Open an exception for each line that no stream record can carry: it never reaches ingest."""
        for line in self._given.events.refused:
            subject = f"{self._given.events_name}:{line.number}"
            record = ExceptionRecord(
                exception_id=exception_id(line.code, subject),
                tenant=self._given.catalog.tenant,
                code=line.code,
                subject=subject,
                message=line.reason,
                raised_at=self._cloud.clock.now(),
            )
            self._cloud.send("Exceptions", {"raise": [raise_entry(record)]})


class _Advance:
    def __init__(self, progress: Progress, start: datetime, until: datetime) -> None:
        self._progress = progress
        self._start = start
        self._task = progress.add_task("simulated time", total=(until - start).total_seconds(), day=_day(start))

    def __call__(self, now: datetime) -> None:
        self._progress.update(self._task, completed=(now - self._start).total_seconds(), day=_day(now))


@contextmanager
def _progress(console: Console, start: datetime, until: datetime) -> Iterator[_Advance]:
    columns = (TextColumn("simulated time {task.fields[day]}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Advance(progress, start, until)


def _day(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)
