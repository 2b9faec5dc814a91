"""Parked usage in memory, with the same fences as the real one (port ParkedUsage)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from shared.domain.master_data.customer import ALWAYS
from shared.domain.time_period import Period
from shared.domain.usage.parked import OpenGroup, ParkedEvent, ParkedGroup

_INSTANT = timedelta(microseconds=1)
_Key: TypeAlias = tuple[str, str, ParkedGroup]


class InMemoryParkedUsage:
    def __init__(self) -> None:
        self._events: dict[_Key, ParkedEvent] = {}
        self._released: set[_Key] = set()
        self._groups: dict[ParkedGroup, OpenGroup] = {}
        self._closed: set[ParkedGroup] = set()

    def park(self, events: Sequence[ParkedEvent], parked_at: datetime) -> Mapping[ParkedGroup, datetime]:
        self._events |= {_key(event): event for event in events}
        return {group: self._open(group, fence, parked_at) for group, fence in _fences(events).items()}

    def open_groups(self) -> Iterator[OpenGroup]:
        return iter([opened for group, opened in self._groups.items() if group not in self._closed])

    def parked(self, group: ParkedGroup, within: Period) -> Iterator[ParkedEvent]:
        waiting = [(key, event) for key, event in self._events.items() if event.group == group]
        in_order = sorted(waiting, key=lambda pair: (pair[1].usage.event.occurred_at, pair[0]))
        return iter(
            [event for key, event in in_order if key not in self._released and event.usage.event.occurred_at in within]
        )

    def waits(self, group: ParkedGroup) -> bool:
        return any(True for _ in self.parked(group, ALWAYS))

    def mark_released(self, events: Sequence[ParkedEvent]) -> None:
        self._released |= {_key(event) for event in events}

    def settle(self, group: OpenGroup, settled_at: datetime) -> datetime | None:
        if self._groups[group.group].fence != group.fence:
            return None
        earliest = group.parked_at if group.settled_at is None else max(group.parked_at, group.settled_at + _INSTANT)
        at = max(settled_at, earliest)
        self._groups[group.group] = replace(group, settled_at=at)
        return at

    def close(self, group: OpenGroup, settled_at: datetime) -> None:
        current = self._groups[group.group]
        if current.fence == group.fence and current.settled_at == settled_at:
            self._closed.add(group.group)

    def parked_deliveries(self) -> Collection[str]:
        return {event.name for event in self._events.values()}

    def counts(self) -> Mapping[ParkedGroup, int]:
        """Return how many deliveries of each group wait, for tests; groups without any are absent."""
        waiting = {group: {str(event.usage.delivery) for event in self.parked(group, ALWAYS)} for group in self._groups}
        return {group: len(deliveries) for group, deliveries in waiting.items() if deliveries}

    def _open(self, group: ParkedGroup, fence: str, parked_at: datetime) -> datetime:
        known = self._groups.get(group)
        settled_at = known.settled_at if known else None
        self._groups[group] = OpenGroup(group=group, fence=fence, parked_at=parked_at, settled_at=settled_at)
        self._closed.discard(group)
        return parked_at if settled_at is None else max(parked_at, settled_at + _INSTANT)


def _key(event: ParkedEvent) -> _Key:
    return str(event.usage.delivery), event.attempt, event.group


def _fences(events: Sequence[ParkedEvent]) -> Mapping[ParkedGroup, str]:
    return {event.group: event.attempt for event in events}
