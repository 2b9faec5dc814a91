"""The turns of one process at one ERP connection: it waits for them, and lets others have theirs."""

from collections.abc import Generator
from datetime import datetime, timedelta

from shared.domain.posting.pacing import Caller, CallLimits, NotYet, Turn, Usage, Waiting
from shared.ports.call_pacing import CallPacing
from shared.ports.clock import Clock

PATIENCE = timedelta(seconds=10)
LOOK_AGAIN_AFTER = timedelta(milliseconds=200)  # for a permit; nobody is told when one is given back


class Turns:
    """Waits are yielded, not slept: whoever asks for a turn sleeps, or has simulated time pass."""

    def __init__(self, connection: str, limits: CallLimits, *, pacing: CallPacing, clock: Clock, name: str) -> None:
        self._connection = connection
        self.limits = limits
        self._pacing = pacing
        self._clock = clock
        self._caller = Caller(name=name, credentials="")
        self._reached = self._polite_until = clock.now()
        self._kept: Turn | None = None  # waited for and not used yet
        self._began: datetime | None = None
        self._is_crowded = False
        self._calls = 0
        self._answers = 0

    def now(self) -> datetime:
        """Return the present instant: who has waited until an instant is there, even where time stands still."""
        return max(self._clock.now(), self._reached)

    def begin(self, *, credentials: str) -> Generator[timedelta, None, Turn | NotYet]:
        """Wait for the turn of a document's first call, before anything is written of its attempt."""
        self._kept = None
        turn = yield from self.take(credentials=credentials)
        if isinstance(turn, Turn):
            self._kept = turn
            self._calls -= 1
        return turn

    def take(self, *, credentials: str) -> Generator[timedelta, None, Turn | NotYet]:
        """Wait for the turn of the next call and return it, or why there is none within the patience of a process."""
        kept, self._kept = self._kept, None
        if kept is not None and self.now() - kept.at < PATIENCE:
            self._calls += 1
            return kept
        yield from self._until(self._polite_until)
        self._caller = Caller(name=self._caller.name, credentials=credentials)
        give_up_at = self.now() + PATIENCE
        while True:
            now = self.now()
            turn = self._pacing.take(self._connection, self._caller, self.limits, now=now, patience=give_up_at - now)
            match turn:
                case Turn():
                    yield from self._until(turn.at)
                    self._began = self._began or self.now()
                    self._is_crowded = turn.crowded
                    self._calls += 1
                    return turn
                case NotYet(waiting_for=Waiting.PERMIT) if now + LOOK_AGAIN_AFTER < give_up_at:
                    yield from self._until(now + LOOK_AGAIN_AFTER)
                case _:
                    return turn

    def answered(self) -> None:
        """Count the call of the last turn as one that the ERP has answered."""
        self._answers += 1

    def was_refused(self, called_at: datetime, *, retry_after_seconds: int | None) -> None:
        """Have everybody leave the ERP alone for a while: it was too busy for the call that was made then."""
        retry_after = None if retry_after_seconds is None else timedelta(seconds=retry_after_seconds)
        self._pacing.rest(self._connection, called_at=called_at, retry_after=retry_after, now=self.now())

    def hold(self, reason: str) -> None:
        """Have nobody call with the credentials of the last turn any more."""
        self._pacing.hold(self._connection, self._caller, reason=reason, now=self.now())

    def give_back(self, *, document: bool) -> None:
        """Let others call. `document`: what was called for since the last time was one document."""
        if self._began is None:
            return
        now = self.now()
        usage = Usage(self._calls, (now - self._began).total_seconds()) if document and self._answers else None
        self._pacing.give_back(self._connection, self._caller, usage, now=now)
        if self._is_crowded:  # one of those who wait shall have it, not this process again
            self._polite_until = now + LOOK_AGAIN_AFTER
        self._kept, self._began, self._calls, self._answers = None, None, 0, 0

    def _until(self, instant: datetime) -> Generator[timedelta, None, None]:
        wait = instant - self.now()
        if wait > timedelta(0):
            yield wait
            self._reached = max(self._reached, instant)
