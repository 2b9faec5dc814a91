"""How one ERP stands: what waits for it, how long that takes, and whether it is called at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.posting.backlog import drain_time
from shared.domain.posting.circuit import Circuit, CircuitState
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.pacing import CallLimits, Hold, Line

MAX_MESSAGE_LENGTH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpStanding:
    """One connection. `unsent` certainly is not in the ERP; of `unclear` nobody knows yet, or its ledger has it later.

    `oldest` is when the first of both was issued. `rests_until` is None where the ERP does not ask to be left
    alone, or no longer.
    """

    connection: str
    system: str
    entities: tuple[LegalEntityId, ...]
    limits: CallLimits
    line: Line
    circuit: Circuit
    unsent: int
    unclear: int
    oldest: datetime | None
    rests_until: datetime | None

    @property
    def drain(self) -> timedelta:
        """How long what waits takes once it is called, by what documents have taken lately.

        What is unclear counts like what is unsent: it takes calls too, and of those that an ERP posts later, as many.
        """
        return drain_time(self.unsent + self.unclear, self.limits, self.line.usage)

    @property
    def is_stopped(self) -> bool:
        return self.line.hold is not None or self.circuit.state is not CircuitState.CLOSED


@dataclass(slots=True)
class Waiting:
    """What waits for one ERP, counted one by one."""

    unsent: int = 0
    unclear: int = 0
    oldest: datetime | None = None

    def count(self, intents: Iterable[PostingIntent]) -> None:
        for intent in intents:
            if intent.state.settled:
                continue  # only the telling is left
            if intent.state is IntentState.INTENT:
                self.unsent += 1
            else:
                self.unclear += 1
            self.oldest = min(intent.created_at, self.oldest or intent.created_at)


def held(connection: str, hold: Hold, *, tenant: TenantId) -> ExceptionRecord:
    """Return the exception of a connection whose credentials are not sent: it names what has to be done."""
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.ERP_AUTH_FAILED, connection),
        tenant=tenant,
        code=ExceptionCode.ERP_AUTH_FAILED,
        subject=connection,
        message=hold.reason[:MAX_MESSAGE_LENGTH],
        raised_at=hold.since,
        detail={"connection": connection},
    )
