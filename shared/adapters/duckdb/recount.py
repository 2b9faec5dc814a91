"""The recount in DuckDB (port UsageRecount): bounded memory, whatever a month holds, and disk for the rest."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from shared.adapters.duckdb import recount_sql as sql
from shared.adapters.duckdb.database import database
from shared.adapters.duckdb.delivery_files import read_version
from shared.adapters.duckdb.local_files import LocalFiles
from shared.adapters.duckdb.recount_rows import (
    by_day,
    id_rows,
    is_plain,
    ledger_rows,
    meter_rows,
    payer_rows,
    worked_out_rows,
)
from shared.adapters.duckdb.staging import Value, instant, joined, micros, staged, write_rows
from shared.domain.archive.delivery import Judge
from shared.domain.archive.partition import Damage
from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import WindowKey
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
                workspace = _Workspace(connection, folder)
                workspace.take_in_ledger(question)
                local = LocalFiles(self.archive, self.files, self.judge, folder)
                workspace.take_in_archive(local.of(question.arrived), question)
                workspace.count()
                yield _Look(connection, question, tuple(dict.fromkeys(local.damages)))


@dataclass(frozen=True, slots=True)
class _Workspace:
    connection: duckdb.DuckDBPyConnection
    folder: Path

    def take_in_ledger(self, question: RecountQuestion) -> None:
        sums, ids = self.folder / "ledger.rows", self.folder / "ids.rows"
        for day in by_day(question.span):
            write_rows(sums, ledger_rows(question.ledger, day))
            write_rows(ids, id_rows(question.ledger, day))
        self._make(sql.LEDGER, sums, sql.LEDGER_STAGED)
        self._make(sql.IDS, ids, sql.IDS_STAGED)
        self._stage(sql.PARKED, sql.PARKED_STAGED, ((name,) for name in question.parked()))

    def take_in_archive(self, files: Sequence[Path], question: RecountQuestion) -> None:
        paths = [str(path) for path in files]
        self._execute(sql.deliveries(paths, *_bounds(question.arrived)))
        self._execute(sql.CONTRADICTED)
        self._execute(sql.events(*_bounds(question.span)))
        self._stage(sql.METERS, sql.METERS_STAGED, meter_rows(question.meters))
        self._stage(sql.PAYERS, sql.PAYERS_STAGED, self._payers(question))
        self._stage(sql.WORKED_OUT, sql.WORKED_OUT_STAGED, self._worked_out(question))

    def count(self) -> None:
        for statement in (sql.MEASURED, sql.COUNTED, sql.RECOUNTED):
            self._execute(statement)

    def _payers(self, question: RecountQuestion) -> Iterator[tuple[Value, ...]]:
        cursor = self.connection.cursor().execute(sql.SUBJECTS)
        while found := cursor.fetchmany(_AT_ONCE):
            yield from payer_rows(question.subjects([subject for (subject,) in found]))

    def _worked_out(self, question: RecountQuestion) -> Iterator[tuple[Value, ...]]:
        names = [name for name, meters in question.meters.items() if not all(map(is_plain, meters))]
        cursor = self.connection.cursor().execute(sql.TO_WORK_OUT, [names])
        return worked_out_rows(map(read_version, _all(cursor)), question.meters)

    def _stage(self, statement: str, columns: str, rows: Iterable[tuple[Value, ...]]) -> None:
        path = self.folder / "staged.rows"
        write_rows(path, rows)
        self._make(statement, path, columns)

    def _make(self, statement: str, path: Path, columns: str) -> None:
        self._execute(statement.format(staged=staged(path, columns)))
        path.unlink()

    def _execute(self, statement: str) -> None:
        self.connection.execute(statement)


@dataclass(frozen=True, slots=True)
class _Look:
    """Answers from the tables of a workspace."""

    connection: duckdb.DuckDBPyConnection
    question: RecountQuestion
    damages: Sequence[Damage]

    def differences(self) -> Iterator[Difference]:
        return map(_difference, _all(self.connection.cursor().execute(sql.DIFFERENCES)))

    def missing(self) -> Iterator[Version]:
        settled_before = micros(self.question.settled_before)
        return map(read_version, _all(self.connection.cursor().execute(sql.missing(settled_before))))

    def conflicts(self) -> Iterator[tuple[Version, ...]]:
        for _, rows in groupby(_all(self.connection.cursor().execute(sql.CONFLICTS)), key=itemgetter(0)):
            versions = tuple(read_version(row[1:]) for row in rows)
            if any(version.event.occurred_at in self.question.span for version in versions):
                yield versions


def _difference(row: tuple[Any, ...]) -> Difference:
    customer, meter, start, dimensions, *counted = row
    named = tuple((pair["key"], pair["value"]) for pair in dimensions)
    ledger, archive = (
        Counted(events, joined(units, parts, decimals=sql.SUM_DECIMALS))
        for events, units, parts in (counted[:3], counted[3:])
    )
    return Difference(WindowKey(CustomerId(customer), MeterCode(meter), instant(start), named), ledger, archive)


def _bounds(period: Period) -> tuple[int, int]:
    assert period.end is not None
    return micros(period.start), micros(period.end)


def _all(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(_AT_ONCE):
        yield from rows
