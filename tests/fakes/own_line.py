"""A flow of calls that nobody else is in (shared/adapters/erp/call_flow), for tests of what is sent when it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.adapters.erp.call_flow import CallFlow
from shared.ports.clock import Clock
from tests.fakes.in_memory_call_pacing import InMemoryCallPacing
from tests.fakes.in_memory_circuits import InMemoryCircuits


@dataclass(frozen=True, slots=True)
class StandingClock:
    """The time that somebody else moves; who pauses goes on at once (port PausingClock)."""

    clock: Clock

    def now(self) -> datetime:
        return self.clock.now()

    def pause(self, seconds: float) -> None:
        pass


class RestlessPacing(InMemoryCallPacing):
    """Lets an ERP be called again at once after it was too busy: time stands still in most tests of adapters."""

    def rest(self, connection: str, *, called_at: datetime, retry_after: timedelta | None, now: datetime) -> None:
        pass


def own_line(clock: Clock) -> CallFlow:
    return CallFlow(
        pacing=RestlessPacing(), circuits=InMemoryCircuits(clock), clock=StandingClock(clock), name="a test"
    )
