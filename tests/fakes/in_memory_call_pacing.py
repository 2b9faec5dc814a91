"""The lines before ERPs in memory (port CallPacing)."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from shared.domain.posting.pacing import (
    PERMIT_LEASE,
    Answer,
    Caller,
    CallLimits,
    Hold,
    Line,
    NotYet,
    Permit,
    Turn,
    Usage,
    given_back,
    rested,
    turn_of,
)


class InMemoryCallPacing:
    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}

    def take(
        self, connection: str, caller: Caller, limits: CallLimits, *, now: datetime, patience: timedelta
    ) -> Answer:
        line = self.line(connection)
        turn = turn_of(caller, line, limits, now=now, patience=patience)
        if not isinstance(turn, NotYet):
            self.lines[connection] = _taken(turn, caller, line, limits, now=now)
        return turn

    def rest(self, connection: str, *, called_at: datetime, retry_after: timedelta | None, now: datetime) -> None:
        self.lines[connection] = rested(self.line(connection), called_at=called_at, retry_after=retry_after, now=now)

    def hold(self, connection: str, caller: Caller, *, reason: str, now: datetime) -> None:
        line = self.line(connection)
        if line.hold is None or line.hold.credentials != caller.credentials:
            self.lines[connection] = replace(line, hold=Hold(caller.credentials, now, reason))

    def resume(self, connection: str) -> bool:
        line = self.line(connection)
        self.lines[connection] = replace(line, hold=None)
        return line.hold is not None

    def give_back(self, connection: str, caller: Caller, usage: Usage | None, *, now: datetime) -> None:
        line = self.line(connection)
        if any(permit.holder == caller.name for permit in line.permits.values()):
            self.lines[connection] = given_back(line, caller, usage, now=now)

    def line(self, connection: str) -> Line:
        return self.lines.get(connection, Line())


def _taken(turn: Turn, caller: Caller, line: Line, limits: CallLimits, *, now: datetime) -> Line:
    """Return the line after a turn was taken. Credentials that are others than the refused ones end the hold."""
    lease = Permit(caller.name, turn.at + PERMIT_LEASE)
    slot = max(line.next_slot, now - limits.burst_allowance) + limits.spacing
    return replace(
        line,
        next_slot=slot if limits.spacing else line.next_slot,
        permits=MappingProxyType({**line.permits, turn.permit: lease}),
        hold=None,
    )
