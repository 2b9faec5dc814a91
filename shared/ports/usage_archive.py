"""Every raw record that ever arrived, kept beside ingest and independent of it."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from shared.domain.time_period import Period
from shared.domain.usage.stream_record import StreamRecord


class UsageArchive(Protocol):
    def write(self, records: Sequence[StreamRecord]) -> None:
        """Keep the records durably; writing them again, in any other batches, changes nothing that read() yields."""

    def read(self, arrived: Period) -> Iterator[StreamRecord]:
        """Yield each record that arrived in the period once, day by day; order within a day is not defined."""

    def read_backfills(self, arrived: Period) -> Iterator[StreamRecord]:
        """Yield the same of what backfills brought, and look at nothing else; the period has an end."""
