"""Backfills and their parts in memory (ports Backfills and BackfillParts)."""

from collections.abc import Iterator
from dataclasses import replace

from shared.domain.backfill.backfill import LOADABLE, Backfill, BackfillState, Decision, Part
from shared.domain.replay.progress import ReplayProgress
from shared.ports.backfills import BackfillError


class InMemoryBackfills:
    def __init__(self) -> None:
        self._backfills: dict[str, Backfill] = {}
        self._parts: dict[tuple[str, str], Part] = {}

    def open(self, backfill_id: str, opened: Decision, reason: str) -> Backfill:
        new = Backfill(backfill_id=backfill_id, state=BackfillState.OPENED, opened=opened, reason=reason)
        known = self._backfills.setdefault(backfill_id, new)
        if known.reason != reason:
            raise BackfillError(f"backfill {backfill_id} was opened by {known.opened.by}: {known.reason}")
        return known

    def read(self, backfill_id: str) -> Backfill:
        if backfill_id not in self._backfills:
            raise BackfillError(f"there is no backfill {backfill_id}")
        return self._backfills[backfill_id]

    def every(self) -> Iterator[Backfill]:
        return iter([backfill for _, backfill in sorted(self._backfills.items())])

    def add_part(self, backfill_id: str, part: Part) -> None:
        backfill = self.read(backfill_id)
        if backfill.state not in LOADABLE:
            raise BackfillError(f"backfill {backfill_id} is {backfill.state}: nothing can be loaded")
        self._parts[backfill_id, part.name] = part
        self._backfills[backfill_id] = replace(backfill, state=BackfillState.LOADING)

    def parts(self, backfill_id: str, after: str) -> Iterator[Part]:
        found = sorted(self._parts.items())
        return iter([part for (of, name), part in found if of == backfill_id and name > after])

    def begin_closing(self, backfill_id: str, decision: Decision) -> Backfill:
        return self._end(backfill_id, BackfillState.CLOSING, decision, BackfillState.CLOSED)

    def revert(self, backfill_id: str, decision: Decision) -> Backfill:
        return self._end(backfill_id, BackfillState.REVERTED, decision, BackfillState.REVERTED)

    def advance(self, backfill_id: str, known: ReplayProgress, reached: ReplayProgress) -> bool:
        backfill = self.read(backfill_id)
        if backfill.progress not in (known, reached):
            return False
        state = BackfillState.CLOSED if reached.finished else BackfillState.CLOSING
        self._backfills[backfill_id] = replace(backfill, progress=reached, state=state)
        return True

    def _end(self, backfill_id: str, state: BackfillState, decision: Decision, later: BackfillState) -> Backfill:
        backfill = self.read(backfill_id)
        if backfill.state in LOADABLE:
            self._backfills[backfill_id] = replace(backfill, state=state, ended=decision)
        elif backfill.state not in (state, later):
            raise BackfillError(f"backfill {backfill_id} is {backfill.state}")
        return self._backfills[backfill_id]


class InMemoryBackfillParts:
    def __init__(self) -> None:
        self._data: dict[tuple[str, str], bytes] = {}

    def store(self, backfill_id: str, part: Part, data: bytes) -> None:
        self._data[backfill_id, part.name] = data

    def load(self, backfill_id: str, part: Part) -> bytes:
        return self._data[backfill_id, part.name]
