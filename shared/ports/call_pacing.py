"""The line before each ERP, shared by everybody who calls it (domain/posting/pacing)."""

from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.posting.pacing import Answer, Caller, CallLimits, Line, Usage


class CallPacing(Protocol):
    """Lines by the name of their connection. Nobody waits in here: who has to wait is told until when."""

    def take(
        self, connection: str, caller: Caller, limits: CallLimits, *, now: datetime, patience: timedelta
    ) -> Answer:
        """Take the next turn of the caller, who is willing to wait for it no longer than `patience`."""

    def rest(self, connection: str, *, called_at: datetime, retry_after: timedelta | None, now: datetime) -> None:
        """Leave the ERP alone: it has refused a call, made at that instant, for want of capacity."""

    def hold(self, connection: str, caller: Caller, *, reason: str, now: datetime) -> None:
        """Have nobody call with the caller's credentials any more; what was said of them first stays."""

    def resume(self, connection: str) -> bool:
        """Let everybody call again with the credentials that were refused; return whether they were."""

    def give_back(self, connection: str, caller: Caller, usage: Usage | None, *, now: datetime) -> None:
        """Give the caller's permit back; `usage` is that of a document that was answered for, None without one."""

    def line(self, connection: str) -> Line:
        """Return a line as it is now, for people."""
