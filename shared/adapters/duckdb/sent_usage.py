"""What sources claim and what of it is here, in DuckDB over the archive (port SentUsage)."""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.adapters.duckdb import sent_usage_sql as sql
from shared.adapters.duckdb.database import database
from shared.adapters.duckdb.local_files import LocalFiles
from shared.adapters.duckdb.staging import instant, micros
from shared.adapters.duckdb.workspace import Workspace
from shared.domain.archive.delivery import Judge
from shared.domain.producers.claims import Claim, ClaimedPeriod
from shared.domain.time_period import Period, parse_instant
from shared.ports.archive_partitions import ArchivePartitions
from shared.ports.delivery_files import DeliveryFiles
from shared.ports.sent_usage import SentUsageLook


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckDbSentUsage:
    """`judge` is ingest's own: it judges what was not compacted yet."""

    archive: ArchivePartitions
    files: DeliveryFiles
    judge: Judge
    memory_mb: int
    threads: int

    @contextmanager
    def look(self, arrived: Period) -> Iterator[SentUsageLook]:
        assert arrived.end is not None
        with TemporaryDirectory() as name:
            folder = Path(name)
            with database(folder, memory_mb=self.memory_mb, threads=self.threads) as connection:
                workspace = Workspace(connection, folder)
                files = LocalFiles(self.archive, self.files, self.judge, folder).of(arrived)
                bounds = micros(arrived.start), micros(arrived.end)
                workspace.execute(sql.deliveries([str(path) for path in files], *bounds))
                yield _Look(workspace)


@dataclass(frozen=True, slots=True)
class _Look:
    workspace: Workspace

    def claims(self) -> Iterator[Claim]:
        for source, text, arrived in self.workspace.rows(sql.CLAIMS):
            said = json.loads(text)
            period = ClaimedPeriod(source, parse_instant(said["sent_from"]), parse_instant(said["sent_until"]))
            yield Claim(period, said["sender"], int(said["events"]), instant(arrived))

    def events(self, periods: Collection[ClaimedPeriod]) -> Mapping[ClaimedPeriod, int]:
        numbered = dict(enumerate(sorted(set(periods))))
        edges = _edges(numbered.values())
        self.workspace.stage(
            sql.EDGES,
            sql.EDGES_STAGED,
            ((source, micros(edge)) for source, of_source in edges.items() for edge in of_source),
        )
        self.workspace.stage(
            sql.COVERED,
            sql.COVERED_STAGED,
            (
                (period.source, micros(edge), number)
                for number, period in numbered.items()
                for edge in _within(edges[period.source], period)
            ),
        )
        return {numbered[number]: count for number, count in self.workspace.rows(sql.COUNTS)}


def _edges(periods: Collection[ClaimedPeriod]) -> Mapping[str, list[datetime]]:
    edges: defaultdict[str, set[datetime]] = defaultdict(set)
    for period in periods:
        edges[period.source] |= {period.start, period.end}
    return {source: sorted(of_source) for source, of_source in edges.items()}


def _within(edges: list[datetime], period: ClaimedPeriod) -> list[datetime]:
    return edges[bisect_left(edges, period.start) : bisect_left(edges, period.end)]
