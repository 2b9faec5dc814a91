"""The recount in DuckDB (port UsageRecount): bounded memory, whatever a month holds, and disk for the rest."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shared.adapters.duckdb import recount_sql as sql
from shared.adapters.duckdb.database import database
from shared.adapters.duckdb.delivery_files import read_version
from shared.adapters.duckdb.local_files import LocalFiles
from shared.adapters.duckdb.recount_rows import (
    by_day,
    ledger_rows,
)
from shared.adapters.duckdb.staging import instant, joined, micros, write_ids, write_rows
from shared.adapters.duckdb.workspace import Workspace
from shared.domain.archive.delivery import Judge
from shared.domain.archive.partition import Damage
from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import WindowKey, WindowUsage, merge_windows
from shared.domain.time_period import Period
from shared.domain.usage.conflicts import Version
from shared.domain.usage.recount import Counted, Difference
from shared.ports.archive_partitions import ArchivePartitions
from shared.ports.delivery_files import DeliveryFiles
from shared.ports.usage_recount import Recounted, RecountQuestion

_AT_ONCE = 1_000  # rows in Python's memory


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckDbRecount:
    """`judge` is ingest's own: it judges what was not compacted yet."""

    archive: ArchivePartitions
    files: DeliveryFiles
    judge: Judge
    memory_mb: int
    threads: int

    @contextmanager
    def look(self, question: RecountQuestion) -> Iterator[Recounted]:
        with TemporaryDirectory() as name:
            folder = Path(name)
            with database(folder, memory_mb=self.memory_mb, threads=self.threads) as connection:
                workspace = Workspace(connection, folder)
                _take_in_ledger(workspace, question)
                local = LocalFiles(self.archive, self.files, self.judge, folder)
                files = local.of(question.arrived)
                workspace.take_in_archive(files, arrived=question.arrived, span=question.span)
                workspace.measure(question.meters, question.subjects)
                workspace.execute(sql.HELD)
                workspace.execute(sql.COUNTED)
                workspace.execute(sql.recounted("recounted", "counted"))
                yield _Look(workspace, question, tuple(dict.fromkeys(local.damages)))


def _take_in_ledger(workspace: Workspace, question: RecountQuestion) -> None:
    sums, ids, voided = (workspace.folder / f"{name}.rows" for name in ("ledger", "ids", "voided"))

    def windows(day: Period) -> Iterator[WindowUsage]:
        for counted in question.ledger.counted(day):
            write_ids(ids, counted.event_ids)
            write_ids(voided, counted.voided_ids)
            yield from counted.windows

    for day in by_day(question.span):
        write_rows(sums, ledger_rows(merge_windows(windows(day))))
    workspace.make(sql.LEDGER, sums, sql.LEDGER_STAGED)
    workspace.make(sql.IDS, ids, sql.IDS_STAGED)
    workspace.make(sql.VOIDED_IDS, voided, sql.IDS_STAGED)
    workspace.stage(sql.PARKED, sql.PARKED_STAGED, ((name,) for name in question.parked()))


@dataclass(frozen=True, slots=True)
class _Look:
    """Answers from the tables of a workspace."""

    workspace: Workspace
    question: RecountQuestion
    damages: Sequence[Damage]

    def differences(self) -> Iterator[Difference]:
        return map(read_difference, self.workspace.rows(sql.DIFFERENCES))

    def missing(self) -> Iterator[Version]:
        return map(read_version, self.workspace.rows(sql.missing(micros(self.question.settled_before))))

    def still_counted(self) -> Iterator[Version]:
        return map(read_version, self.workspace.rows(sql.still_counted(micros(self.question.settled_before))))

    def conflicts(self) -> Iterator[tuple[Version, ...]]:
        for _, rows in groupby(self.workspace.rows(sql.CONFLICTS), key=itemgetter(0)):
            versions = tuple(read_version(row[1:]) for row in rows)
            if any(version.event.occurred_at in self.question.span for version in versions):
                yield versions


def read_difference(row: tuple[Any, ...]) -> Difference:
    """Read a row of DIFFERENCES."""
    customer, meter, start, dimensions, *counted = row
    named = tuple((pair["key"], pair["value"]) for pair in dimensions)
    ledger, archive = (
        Counted(events, joined(units, parts, decimals=sql.SUM_DECIMALS))
        for events, units, parts in (counted[:3], counted[3:])
    )
    return Difference(WindowKey(CustomerId(customer), MeterCode(meter), instant(start), named), ledger, archive)
