"""The ledger as controls read it: everything it counted for event times of a period, late log included."""

from collections.abc import Iterator
from typing import Protocol

from shared.domain.metering.aggregate import WindowUsage
from shared.domain.time_period import Period


class LedgerAudit(Protocol):
    def windows(self, period: Period) -> Iterator[WindowUsage]:
        """Yield the windows that start inside the period, as their buckets have them in the end.

        One key may come several times, from several buckets or with several aggregations: merge the states.
        """

    def event_ids(self, period: Period) -> Iterator[bytes]:
        """Yield the 16 bytes (12 of id hash, 4 of content) of every event that counts in a slice that overlaps it.

        A slice is never cut, so ids from just outside the period are among them. Each event's id comes at least once;
        voided ones are not among them.
        """

    def voided_ids(self, period: Period) -> Iterator[bytes]:
        """Yield the 16 bytes of every event that was counted in these slices and is voided."""
