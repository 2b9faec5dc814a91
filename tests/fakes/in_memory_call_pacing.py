"""The lines before ERPs in memory (port CallPacing)."""

from datetime import datetime, timedelta

from shared.domain.posting.pacing import (
    Answer,
    Caller,
    CallLimits,
    Hold,
    Line,
    NotYet,
    Usage,
    given_back,
    rested,
    taken,
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
            self.lines[connection] = taken(turn, caller, line, limits, now=now)
        return turn

    def rest(self, connection: str, *, called_at: datetime, retry_after: timedelta | None, now: datetime) -> None:
        self.lines[connection] = rested(self.line(connection), called_at=called_at, retry_after=retry_after, now=now)

    def hold(self, connection: str, caller: Caller, *, reason: str, now: datetime) -> bool:
        line = self.line(connection)
        if line.hold is not None and line.hold.credentials == caller.credentials:
            return False
        self.lines[connection] = line.with_hold(Hold(caller.credentials, now, reason))
        return True

    def resume(self, connection: str) -> bool:
        line = self.line(connection)
        self.lines[connection] = line.with_hold(None)
        return line.hold is not None

    def give_back(self, connection: str, caller: Caller, usage: Usage | None, *, now: datetime) -> None:
        line = self.line(connection)
        if any(permit.holder == caller.name for permit in line.permits.values()):
            self.lines[connection] = given_back(line, caller, usage, now=now)

    def line(self, connection: str) -> Line:
        return self.lines.get(connection, Line())
