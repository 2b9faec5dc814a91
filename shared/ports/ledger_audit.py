"""The ledger as controls read it: everything it counted for event times of a period, late log included."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from shared.domain.metering.aggregate import WindowUsage
from shared.domain.time_period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedUsage:
    """What one bucket has counted: its windows as they are in the end, and the events they are made of.

    Ids are 16 bytes (12 of id hash, 4 of content): of every event that counts, at least once, and of those that were
    counted and are voided.
    """

    windows: tuple[WindowUsage, ...]
    event_ids: tuple[bytes, ...]
    voided_ids: tuple[bytes, ...]


class LedgerAudit(Protocol):
    def counted(self, period: Period) -> Iterator[CountedUsage]:
        """Yield what each bucket of the period holds, sums and ids of one read.

        Windows are those that start inside the period. One key may come from several buckets, or with several
        aggregations: merge the states. Ids are those of every slice that overlaps it: a slice is never cut, so ids from
        just outside are among them.
        """
