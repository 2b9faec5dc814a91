"""Count billable usage into the ledger: one conditional append a bucket, however often an event comes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.identifiers import TenantId
from shared.domain.metering.append import fill_slot, sift
from shared.domain.metering.conflict import Conflict, by_identity, conflict_exception, place_of
from shared.domain.metering.forgotten_usage import forgotten_exceptions
from shared.domain.metering.homes import Homes
from shared.domain.metering.layout import Bucket
from shared.domain.metering.log_view import LogView, LogViews
from shared.domain.metering.slot import Content, Log, Seal
from shared.domain.metering.slot_lifetime import is_forgotten
from shared.domain.metering.tally import UsageRow
from shared.domain.usage.stream_record import StreamRecord
from shared.ports.exceptions import ExceptionReporter
from shared.ports.metering_ledger import MeteringLedger, SliceRegister
from shared.ports.metrics import Metrics, Unit
from shared.ports.stage_progress import StageProgress

STAGE = "aggregate"
# Lost races for one bucket before the batch gives up and comes again. Lanes follow the groups, so one is rare.
MAX_LOST_RACES = 50


class BucketContendedError(RuntimeError):
    """Other writers took every slot that this batch tried to take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The ledger as a writer has it: its logs, what this process knows of them, and where events live."""

    logs: MeteringLedger
    slices: SliceRegister
    views: LogViews
    homes: Homes


@dataclass(slots=True)
class Races:
    """How often a batch took the slot that it wanted, and how often another writer had it."""

    taken: int = 0
    lost: int = 0
    given_up: int = 0


def aggregate_usage(
    records: Sequence[StreamRecord],
    *,
    read: Callable[[bytes], Sequence[UsageRow]],
    ledger: Ledger,
    reporter: ExceptionReporter,
    progress: StageProgress,
    metrics: Metrics,
    tenant: TenantId,
) -> None:
    """Count a batch of one shard. Returns when every event is in the ledger, a repeat, or reported as an exception."""
    rows = [row for record in records for row in read(record.data)]
    conflicts: list[Conflict] = []
    forgotten: list[UsageRow] = []
    races = Races()
    last = records[-1]
    try:
        for bucket, members in ledger.homes.by_bucket(rows).items():
            if is_forgotten(bucket.slice_start, last.arrived_at):
                forgotten.extend(members)
                continue
            contradicting = _count(bucket, members, last.arrived_at, ledger, races)
            conflicts.extend(_located(contradicting, bucket, ledger.logs))
    finally:
        _tell(races, conflicts, metrics)
    ledger.views.trim()
    reporter.report(
        [
            *(conflict_exception(found, tenant=tenant, raised_at=last.arrived_at) for found in conflicts),
            *forgotten_exceptions(forgotten, tenant=tenant, raised_at=last.arrived_at),
        ]
    )
    progress.record(STAGE, last.shard_id, last.sequence_number, last.arrived_at)


def _tell(races: Races, conflicts: Sequence[Conflict], metrics: Metrics) -> None:
    """Record what alarms watch, also of a batch that failed. What did not happen is not worth a line."""
    for name, count in (
        ("SlotsTaken", races.taken),
        ("SlotsLost", races.lost),
        ("UsageConflicts", len(conflicts)),
        ("BucketsContended", races.given_up),
    ):
        if count:
            metrics.record(name, count, Unit.COUNT)


def _count(
    bucket: Bucket, rows: Sequence[UsageRow], arrived_at: datetime, ledger: Ledger, races: Races
) -> Sequence[UsageRow]:
    """Append what the bucket does not hold yet; return the rows that contradict what it holds."""
    _look_first(bucket, ledger)
    lost_races = 0
    while lost_races <= MAX_LOST_RACES:
        base = _view(Log(bucket), ledger)
        log = Log(bucket, late=base.sealed)
        view = _view(log, ledger) if base.sealed else base
        number = view.last + 1  # of what was sifted: knowledge that comes later is not in it
        sifted = sift(rows, base.counted, view.counted if base.sealed else {})
        if not sifted.fresh:
            return sifted.conflicts
        content: Content
        content, rest = fill_slot(sifted.fresh, slice_start=bucket.slice_start, arrived_at=arrived_at)
        if not log.late and number == 1 and not ledger.slices.open_slice(bucket.slice_start):
            content, rest = Seal(), sifted.fresh
        if not _append(log, number, content, view, ledger.logs):
            lost_races += 1
            races.lost += 1
            continue
        races.taken += 1
        if not rest:
            return sifted.conflicts
    races.given_up += 1
    raise BucketContendedError(f"lost {lost_races} races for {bucket}")


def _look_first(bucket: Bucket, ledger: Ledger) -> None:
    """Where others were met lately, read what they wrote before the first put."""
    for log in (Log(bucket), Log(bucket, late=True)):
        view = ledger.views.find(log)
        if view is not None and view.is_shared:
            view.look(ledger.logs.tail(log, after=view.last))


def _view(log: Log, ledger: Ledger) -> LogView:
    """Return what is known of a log; one that this process does not know yet is read first."""
    view = ledger.views.find(log)
    if view is None:
        view = LogView()
        view.absorb(ledger.logs.tail(log, after=0))
        ledger.views.keep(log, view)
    return view


def _append(log: Log, number: int, content: Content, view: LogView, logs: MeteringLedger) -> bool:
    """Try to take the slot. Its ids are known only once it is confirmed; a lost race shows what others wrote."""
    if logs.put(log, number, content):
        view.confirm(number, content)
        return True
    view.lose_race(logs.tail(log, after=view.last))
    return False


def _located(rows: Sequence[UsageRow], bucket: Bucket, logs: MeteringLedger) -> Iterator[Conflict]:
    """Find where the contradicted events were counted. Rare, so the logs are read again."""
    if not rows:
        return
    slots = {log: logs.tail(log, after=0) for log in (Log(bucket), Log(bucket, late=True))}
    for identity, members in by_identity(rows):
        places = (place_of(identity, log, found) for log, found in slots.items())
        yield Conflict(members, next(place for place in places if place is not None))
