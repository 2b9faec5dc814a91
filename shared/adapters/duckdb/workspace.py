"""A database with the tables of a recount, filled from files, rows and each other."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

from shared.adapters.duckdb import recount_sql as sql
from shared.adapters.duckdb.delivery_files import read_version
from shared.adapters.duckdb.recount_rows import is_plain, meter_rows, payer_rows, worked_out_rows
from shared.adapters.duckdb.staging import Value, micros, staged, write_rows
from shared.domain.master_data.subjects import SubjectAccounts
from shared.domain.time_period import Period
from shared.domain.usage.measurement import MetersByEvent

_AT_ONCE = 1_000  # rows in Python's memory
Subjects: TypeAlias = Callable[[Collection[str]], Mapping[str, SubjectAccounts]]


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the tables are is said in recount_sql. `folder` is for rows on their way into the database."""

    connection: duckdb.DuckDBPyConnection
    folder: Path

    def take_in_archive(self, files: Sequence[Path], *, arrived: Period, span: Period) -> None:
        """Make the tables of what arrived in a period, and of its events of a span; both have an end."""
        paths = [str(path) for path in files]
        self.execute(sql.deliveries(paths, *_bounds(arrived)))
        self.execute(sql.voids(paths, *_bounds(arrived)))
        self.execute(sql.CONTRADICTED)
        self.execute(sql.events(*_bounds(span)))

    def measure(self, meters: MetersByEvent, subjects: Subjects) -> None:
        """Have every meter measure every event, and find out who may be billed for it."""
        self.stage(sql.METERS, sql.METERS_STAGED, meter_rows(meters))
        self.execute(sql.NAMED)
        self.stage(sql.PAYERS, sql.PAYERS_STAGED, self._payers(subjects))
        self.stage(sql.WORKED_OUT, sql.WORKED_OUT_STAGED, self._worked_out(meters))
        self.execute(sql.KEPT)
        self.execute(sql.MEASURED)

    def execute(self, statement: str) -> None:
        self.connection.execute(statement)

    def rows(self, query: str, parameters: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield what a query finds, a part of it in memory; several may be read at the same time."""
        cursor = self.connection.cursor().execute(query, parameters)
        while found := cursor.fetchmany(_AT_ONCE):
            yield from found

    def stage(self, statement: str, columns: str, rows: Iterable[tuple[Value, ...]]) -> None:
        """Run a statement on rows of our own."""
        path = self.folder / "staged.rows"
        write_rows(path, rows)
        self.make(statement, path, columns)

    def make(self, statement: str, path: Path, columns: str) -> None:
        """Run a statement on a file of rows, which goes."""
        self.execute(statement.format(staged=staged(path, columns)))
        path.unlink()

    def _payers(self, subjects: Subjects) -> Iterator[tuple[Value, ...]]:
        cursor = self.connection.cursor().execute(sql.SUBJECTS)
        while found := cursor.fetchmany(_AT_ONCE):
            yield from payer_rows(subjects([subject for (subject,) in found]))

    def _worked_out(self, meters: MetersByEvent) -> Iterator[tuple[Value, ...]]:
        names = [name for name, taking in meters.items() if not all(map(is_plain, taking))]
        return worked_out_rows(map(read_version, self.rows(sql.TO_WORK_OUT, [names])), meters)


def _bounds(period: Period) -> tuple[int, int]:
    assert period.end is not None
    return micros(period.start), micros(period.end)
