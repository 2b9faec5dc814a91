"""Accepted usage that cannot be billed yet, kept until master data explains it, and after that as a record."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.time_period import Period
from shared.domain.usage.parked import OpenGroup, ParkedEvent, ParkedGroup


class ParkedUsage(Protocol):
    def park(self, events: Sequence[ParkedEvent], parked_at: datetime) -> Mapping[ParkedGroup, datetime]:
        """Keep the events durably; parking one again changes nothing.

        Returns for each group when its exception counts as raised: later than the group was last settled.
        """

    def open_groups(self) -> Iterator[OpenGroup]:
        """Yield the groups that may hold parked usage, and those whose settlement was begun and not closed."""

    def parked(self, group: ParkedGroup, within: Period) -> Iterator[ParkedEvent]:
        """Yield what of a group happened in a period and still waits, by the event's time, then by delivery."""

    def waits(self, group: ParkedGroup) -> bool:
        """Whether anything of a group still waits."""

    def mark_released(self, events: Sequence[ParkedEvent]) -> None:
        """Say that these are on accepted-usage again. Marking twice changes nothing."""

    def settle(self, group: OpenGroup, settled_at: datetime) -> datetime | None:
        """Begin to settle a group of which nothing waits; None if more was parked since it was read.

        Returns the instant at which its exception is resolved: not before any raise of it so far.
        """

    def close(self, group: OpenGroup, settled_at: datetime) -> None:
        """Say that the exception of the settled group is resolved."""

    def parked_deliveries(self) -> Collection[str]:
        """Return the names (see waiting_name) of what is parked, or released and perhaps still on its way."""
