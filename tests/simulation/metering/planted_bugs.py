"""Bugs that somebody could write, each planted into a use case or a fake: the simulation must catch every one.

A bug that is not caught says that the simulation is blind there, not that the bug is harmless.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any, cast

import pytest

from functions.aggregate_usage import use_case as aggregation
from functions.apply_usage_corrections import outcome
from functions.apply_usage_corrections import use_case as correcting
from functions.archive_usage import use_case as archiving
from functions.close_usage_windows.use_case import WindowCloser
from functions.enrich_usage.use_case import UsageEnricher
from functions.ingest_usage import use_case as ingestion
from functions.release_parked_usage.use_case import ParkedUsageReleaser
from shared.adapters.kinesis import usage_publisher
from shared.adapters.usage_standing import LedgerStanding
from shared.domain.metering import log_view
from shared.domain.metering.bucket_logs import BucketLogs
from shared.domain.metering.homes import Homes
from shared.domain.metering.layout import Bucket
from shared.domain.metering.slot import Log, Seal
from shared.domain.metering.watermark import Barrier
from shared.domain.time_period import Period
from shared.domain.usage.standing import Standing
from shared.ports.parked_usage import ParkedUsage
from tests.fakes.in_memory_metering_ledger import InMemoryMeteringLedger
from tests.fakes.in_memory_usage_corrections import InMemoryUsageCorrections
from tests.simulation.metering.faults import ServiceError
from tests.simulation.metering.runs import single_fault_names

_EVER = Period(datetime(1970, 1, 1, tzinfo=UTC), None)
Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class PlantedBug:
    """`within` is how many histories catch it: of the seeds from 0 on, or of the single faults of `scenario`."""

    name: str
    plant: Plant
    within: int
    scenario: str = ""

    def histories(self) -> Iterator[str]:
        """Yield the names of the histories, see runs.py."""
        names = (str(seed) for seed in count()) if not self.scenario else single_fault_names(self.scenario)
        return islice(names, self.within)


def _put_without_condition(patch: pytest.MonkeyPatch) -> None:
    def put(self: InMemoryMeteringLedger, log: Any, number: int, content: Any) -> bool:
        self.slots.setdefault(log, {})[number] = content
        return True

    patch.setattr(InMemoryMeteringLedger, "put", put)


def _ids_cached_before_commit(patch: pytest.MonkeyPatch) -> None:
    append = aggregation._append

    def planted(log: Any, number: int, content: Any, view: Any, logs: Any) -> bool:
        before = view.last
        view.confirm(number, content)
        view.last = before
        return append(log, number, content, view, logs)

    patch.setattr(aggregation, "_append", planted)


def _next_number_without_reading(patch: pytest.MonkeyPatch) -> None:
    def planted(log: Any, number: int, content: Any, view: Any, logs: Any) -> bool:
        if logs.put(log, number, content):
            view.confirm(number, content)
            return True
        view.last = number
        return False

    patch.setattr(aggregation, "_append", planted)


def _last_counted_up(patch: pytest.MonkeyPatch) -> None:
    confirm = log_view.LogView.confirm

    def planted(self: log_view.LogView, number: int, content: Any) -> None:
        before = self.last
        confirm(self, number, content)
        self.last = before + 1

    patch.setattr(log_view.LogView, "confirm", planted)


def _tail_loses_pages(patch: pytest.MonkeyPatch) -> None:
    tail = InMemoryMeteringLedger.tail
    patch.setattr(InMemoryMeteringLedger, "tail", lambda self, log, after: tail(self, log, after)[:2])


def _home_by_customer(patch: pytest.MonkeyPatch) -> None:
    by_bucket = Homes.by_bucket

    def planted(self: Homes, rows: Sequence[Any]) -> Mapping[Bucket, list[Any]]:
        moved: list[Any] = [{**row, "subject": row["customer"]} for row in rows]
        return by_bucket(self, moved)

    patch.setattr(Homes, "by_bucket", planted)


def _late_log_skips_the_base(patch: pytest.MonkeyPatch) -> None:
    confirm = log_view.LogView.confirm

    def planted(self: log_view.LogView, number: int, content: Any) -> None:
        confirm(self, number, content)
        if self.sealed:
            self.counted.clear()

    patch.setattr(log_view.LogView, "confirm", planted)


def _seal_ignored(patch: pytest.MonkeyPatch) -> None:
    confirm = log_view.LogView.confirm

    def planted(self: log_view.LogView, number: int, content: Any) -> None:
        confirm(self, number, content)
        self.sealed = False

    patch.setattr(log_view.LogView, "confirm", planted)


def _progress_before_durable(patch: pytest.MonkeyPatch) -> None:
    ingest = ingestion.ingest_usage

    def planted(records: Sequence[Any], **ports: Any) -> None:
        last = records[-1]
        ports["progress"].record("ingest", last.shard_id, last.sequence_number, last.arrived_at)
        ingest(records, **ports)

    patch.setattr(ingestion, "ingest_usage", planted)


def _key_without_tenant(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Bucket, "key", lambda self, tenant: f"{self.version}#{self.group}#{self.slice_start}")


def _refused_records_swallowed(patch: pytest.MonkeyPatch) -> None:
    def planted(client: Any, stream_name: str, records: Sequence[Any], **_: Any) -> frozenset[int]:
        client.put_records(StreamName=stream_name, Records=records)
        return frozenset()

    patch.setattr(usage_publisher, "put_until_taken", planted)


def _unprocessed_items_swallowed(patch: pytest.MonkeyPatch) -> None:
    enrich = UsageEnricher.enrich

    def planted(self: UsageEnricher, records: Sequence[Any]) -> None:
        enrich(replace(self, parked=cast("ParkedUsage", _Swallowing(self.parked))), records)

    patch.setattr(UsageEnricher, "enrich", planted)


class _Swallowing:
    """Takes a write in part for a whole one."""

    def __init__(self, parked: Any) -> None:
        self._parked = parked

    def __getattr__(self, method: str) -> Any:
        return getattr(self._parked, method)

    def park(self, events: Sequence[Any], parked_at: Any) -> Any:
        try:
            return self._parked.park(events, parked_at)
        except ServiceError:
            return {event.group: parked_at for event in events}


def _catch_and_continue(patch: pytest.MonkeyPatch) -> None:
    aggregate = aggregation.aggregate_usage

    def planted(records: Sequence[Any], **ports: Any) -> None:
        for record in records:
            try:
                aggregate([record], **ports)
            except Exception:  # noqa: BLE001 - the bug itself
                continue

    patch.setattr(aggregation, "aggregate_usage", planted)


def _released_before_published(patch: pytest.MonkeyPatch) -> None:
    release = ParkedUsageReleaser.release

    def planted(self: ParkedUsageReleaser) -> int:
        return release(replace(self, accepted_usage=_MarksFirst(self)))

    patch.setattr(ParkedUsageReleaser, "release", planted)


class _MarksFirst:
    """Says that usage is released, and then releases it."""

    def __init__(self, releaser: ParkedUsageReleaser) -> None:
        self._releaser = releaser

    def publish_accepted(self, usage: Sequence[Any]) -> None:
        deliveries = {one.delivery for one in usage}
        for group in list(self._releaser.parked.open_groups()):
            events = self._releaser.parked.parked(group.group, _EVER)
            self._releaser.parked.mark_released([one for one in events if one.usage.delivery in deliveries])
        self._releaser.accepted_usage.publish_accepted(usage)


def _archive_skips_malformed(patch: pytest.MonkeyPatch) -> None:
    archive = archiving.archive_usage

    def planted(records: Sequence[Any], **ports: Any) -> None:
        well_formed = [record for record in records if b"urn:sim:gateway" in record.data]
        if well_formed:
            archive(well_formed, **ports)

    patch.setattr(archiving, "archive_usage", planted)


def _resolved_before_settled(patch: pytest.MonkeyPatch) -> None:
    release = ParkedUsageReleaser._release

    def planted(self: ParkedUsageReleaser, group: Any, *rest: Any) -> Any:
        self.reporter.resolve(group.exception_id, "released", self.clock.now())
        return release(self, group, *rest)

    patch.setattr(ParkedUsageReleaser, "_release", planted)


def _sealed_without_barrier(patch: pytest.MonkeyPatch) -> None:
    due = WindowCloser._due

    def planted(self: WindowCloser, state: Any, barrier: Barrier) -> Any:
        return due(self, state, replace(barrier, complete_until=self.clock.now()))

    patch.setattr(WindowCloser, "_due", planted)


def _sealed_without_snapshot_on_retry(patch: pytest.MonkeyPatch) -> None:
    sealed_slots = WindowCloser._sealed_slots

    def planted(self: WindowCloser, bucket: Bucket) -> Any:
        slots = self.logs.tail(Log(bucket), after=0)
        if slots and isinstance(slots[-1].content, Seal):
            return [slots[-1]]
        return sealed_slots(self, bucket)

    patch.setattr(WindowCloser, "_sealed_slots", planted)


def _unresolved_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(UsageEnricher, "_park", lambda self, waiting, version: None)


def _known_by_delivery(patch: pytest.MonkeyPatch) -> None:
    by_bucket = Homes.by_bucket

    def planted(self: Homes, rows: Sequence[Any]) -> Mapping[Bucket, list[Any]]:
        tagged: list[Any] = [
            {**row, "fingerprint": row["delivery"].encode().hex()[-24:] + row["fingerprint"][24:]} for row in rows
        ]
        return by_bucket(self, tagged)

    patch.setattr(Homes, "by_bucket", planted)


def _everything_is_known(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(LedgerStanding, "of", lambda self, usage, now: [Standing.KNOWN for _ in usage])


def _void_by_identity_alone(patch: pytest.MonkeyPatch) -> None:
    for module in (correcting, outcome):
        patch.setattr(module, "names", lambda original, row: True)


def _voided_still_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BucketLogs, "counts", lambda self, fingerprint: bytes.fromhex(fingerprint) in self._slot_of)


def _voids_filed_or_not(patch: pytest.MonkeyPatch) -> None:
    ingest = ingestion.ingest_usage

    def planted(records: Sequence[Any], **ports: Any) -> None:
        ingest(records, **{**ports, "corrections": _FilesOrNot(ports["corrections"])})

    patch.setattr(ingestion, "ingest_usage", planted)


class _FilesOrNot:
    """Takes no error for a reason to stop."""

    def __init__(self, corrections: Any) -> None:
        self._corrections = corrections

    def file(self, voids: Sequence[Any]) -> None:
        with suppress(ServiceError):
            self._corrections.file(voids)


def _told_before_remembered(patch: pytest.MonkeyPatch) -> None:
    mark = InMemoryUsageCorrections.mark

    def planted(self: InMemoryUsageCorrections, void: Any, state: Any, told: Any) -> None:
        if state is not void.state or told is None:
            mark(self, void, state, told)

    patch.setattr(InMemoryUsageCorrections, "mark", planted)


PLANTED_BUGS = (
    PlantedBug("a put without its condition", _put_without_condition, 20),
    PlantedBug("ids cached before they are committed", _ids_cached_before_commit, 20),
    PlantedBug("the next slot number taken without reading the slot", _next_number_without_reading, 20),
    PlantedBug("the last slot number counted up instead of set", _last_counted_up, 300, scenario="sharing_a_process"),
    PlantedBug("a tail that loses pages", _tail_loses_pages, 20),
    PlantedBug("a home by the customer that enrichment found", _home_by_customer, 20),
    PlantedBug("a late log that does not look at its base", _late_log_skips_the_base, 20),
    PlantedBug("a seal that is ignored", _seal_ignored, 20),
    PlantedBug("progress recorded before anything is durable", _progress_before_durable, 300, scenario="stalling"),
    PlantedBug("a key without the tenant", _key_without_tenant, 20),
    PlantedBug("refused records swallowed", _refused_records_swallowed, 300, scenario="counting"),
    PlantedBug("unprocessed items swallowed", _unprocessed_items_swallowed, 300, scenario="parking"),
    PlantedBug("catch and continue in a batch", _catch_and_continue, 300, scenario="counting"),
    PlantedBug(
        "parked usage marked as released before it is published", _released_before_published, 300, scenario="parking"
    ),
    PlantedBug("an archive without what is malformed", _archive_skips_malformed, 20),
    PlantedBug("an exception resolved before its group is settled", _resolved_before_settled, 20),
    PlantedBug("a seal that does not wait for the barrier", _sealed_without_barrier, 20),
    PlantedBug(
        "a seal put before a crash whose snapshot is never made good",
        _sealed_without_snapshot_on_retry,
        300,
        scenario="sealing",
    ),
    PlantedBug("usage dropped that cannot be resolved", _unresolved_dropped, 20),
    PlantedBug("events known by their delivery", _known_by_delivery, 20),
    PlantedBug("a replay that takes everything for known", _everything_is_known, 1, scenario="judging_again"),
    PlantedBug("a void that asks for no subject and time", _void_by_identity_alone, 1, scenario="amending"),
    PlantedBug("a void that forgets what was voided", _voided_still_counts, 20),
    PlantedBug("a void whose filing may fail unheard", _voids_filed_or_not, 20, scenario="voiding"),
    PlantedBug(
        "an exception of a void told before it is remembered",
        _told_before_remembered,
        500,
        scenario="voiding_ahead_of_the_archive",
    ),
)
