"""HTTP to an ERP in turn: at the rate it permits, by no more callers than it permits, and not at all while it is down.

All calls of all adapters go through here, token requests among them. A call whose turn does not come within
`turns.PATIENCE` is not made.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from shared.adapters.erp.turns import Turns
from shared.adapters.http.connection_secrets import ConnectionSecrets, CredentialsUnavailableError
from shared.adapters.http.transport import CredentialsHeld, Exchange, HeldBack, NotTrusted, Reply, Request, Transport
from shared.domain.posting.circuit import Circuit, Health
from shared.domain.posting.pacing import CallLimits, NotCalled, NotYet, Turn, Waiting, again_at
from shared.ports.call_pacing import CallPacing
from shared.ports.circuits import Circuits
from shared.ports.clock import PausingClock

CLOCKS_AGREE_WITHIN = timedelta(seconds=60)  # signed requests for a token are good for minutes
LEFT_ALONE = "the ERP is down and left alone"
_BROKEN = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFlow:
    """What paces the calls of one process. `name` is like no other's."""

    pacing: CallPacing
    circuits: Circuits
    clock: PausingClock
    name: str
    _transports: dict[str, "PacedTransport"] = field(default_factory=dict, init=False, repr=False)

    def transport(
        self,
        connection: str,
        limits: CallLimits,
        *,
        busy_codes: frozenset[str],
        over: Transport,
        credentials: ConnectionSecrets,
    ) -> "PacedTransport":
        """Return the transport of a connection, which from now on keeps to these limits."""
        if connection not in self._transports:
            self._transports[connection] = PacedTransport(
                connection, limits, busy_codes=busy_codes, over=over, credentials=credentials, flow=self
            )
        self._transports[connection].turns.limits = limits
        return self._transports[connection]

    def give_back(self, *, document: bool = False) -> None:
        """Let others call: this process makes no call for now. `document`: what it has called for was one document."""
        for transport in self._transports.values():
            transport.turns.give_back(document=document)


class PacedTransport:
    """HTTP to one connection (Transport)."""

    def __init__(
        self,
        connection: str,
        limits: CallLimits,
        *,
        busy_codes: frozenset[str],
        over: Transport,
        credentials: ConnectionSecrets,
        flow: CallFlow,
    ) -> None:
        self._connection = connection
        self._busy_codes = tuple(code.encode() for code in busy_codes)
        self._over = over
        self._credentials = credentials
        self._circuits = flow.circuits
        self._clock = flow.clock
        self._ahead = timedelta(0)  # what its clock is ahead of ours
        self.turns = Turns(connection, limits, pacing=flow.pacing, clock=flow.clock, name=flow.name)

    def exchange(self, request: Request) -> Exchange:
        sent = self._circuits.call(self._connection, lambda: self._in_turn(request), health=_health)
        if isinstance(sent, Circuit):
            return HeldBack(LEFT_ALONE)  # for how long it is down nobody knows
        return sent

    def begin(self) -> NotCalled | None:
        """Wait for the turn of a document's first call; return until when that is in vain, None when it is here."""
        circuit = self._circuits.circuit(self._connection)
        if circuit.until is not None and circuit.until > self.turns.now():
            return NotCalled(circuit.until, LEFT_ALONE, is_down=True)
        turn = self._waited_for(self.turns.begin(credentials=self._version()))
        return NotCalled(again_at(turn, self.turns.now()), why_not(turn)) if isinstance(turn, NotYet) else None

    def refused(self, what: str) -> str:
        """Have nobody call with these credentials any more, since the ERP has refused them; return who must do what."""
        self._credentials.forget(self._connection)
        if abs(self._ahead) > CLOCKS_AGREE_WITHIN:
            than_ours = "ahead of" if self._ahead > timedelta(0) else "behind"
            seconds = round(abs(self._ahead).total_seconds())
            what = f"{what}; its clock is {seconds} seconds {than_ours} ours, which alone may be why"
        reason = (
            f"{what}. Nothing is sent before somebody puts credentials that it takes into the secret"
            f" {self._connection}, or has it take these and says so by `u2c erp resume {self._connection}`"
        )
        self.turns.hold(reason)
        return reason

    def _not_trusted(self, what: str) -> str:
        """Have nobody call a server whose certificate is not to be trusted; return who must do what."""
        reason = (
            f"{what}. Nothing is sent before somebody has made sure who answers there, has the certificate put right"
            f" or the address in the secret {self._connection}, and says so by `u2c erp resume {self._connection}`"
        )
        self.turns.hold(reason)
        return reason

    def _in_turn(self, request: Request) -> Exchange:
        turn = self._waited_for(self.turns.take(credentials=self._version()))
        if isinstance(turn, NotYet):
            again_after = self._seconds_until(again_at(turn, self.turns.now()))
            is_held = turn.waiting_for is Waiting.CREDENTIALS
            return (CredentialsHeld if is_held else HeldBack)(why_not(turn), again_after)
        called_at = self.turns.now()
        answer = self._over.exchange(request)
        if isinstance(answer, NotTrusted):
            return CredentialsHeld(self._not_trusted(answer.reason))
        if isinstance(answer, Reply):
            self.turns.answered()
            self._ahead = timedelta(0) if answer.sent_at is None else answer.sent_at - self._clock.now()
            if self._is_busy(answer):
                self.turns.was_refused(called_at, retry_after_seconds=answer.retry_after_seconds)
        return answer

    def _waited_for(self, taking: Generator[timedelta, None, Turn | NotYet]) -> Turn | NotYet:
        while True:
            try:
                self._clock.pause(next(taking).total_seconds())
            except StopIteration as taken:
                turn: Turn | NotYet = taken.value
                return turn

    def _version(self) -> str:
        try:
            return self._credentials.version(self._connection)
        except CredentialsUnavailableError:
            return ""  # who needs them will say so

    def _is_busy(self, answer: Reply) -> bool:
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return True
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            return answer.retry_after_seconds is not None
        return answer.status >= HTTPStatus.BAD_REQUEST and any(code in answer.body for code in self._busy_codes)

    def _seconds_until(self, instant: datetime) -> int:
        return max(0, int((instant - self.turns.now()).total_seconds()) + 1)


def why_not(turn: NotYet) -> str:
    match turn.waiting_for:
        case Waiting.CREDENTIALS:
            return turn.reason
        case Waiting.SLOT:
            return "the ERP takes no more calls for now"
        case Waiting.PERMIT:
            return "as many calls are under way as the ERP permits"


def _health(answer: Exchange) -> Health:
    """Tell whether an ERP is up. A 500 with JSON or XML is its own word on one document, not a gateway's."""
    match answer:
        case HeldBack():
            return Health.UNTOLD
        case Reply(status=HTTPStatus.INTERNAL_SERVER_ERROR):
            kind = answer.headers.get("content-type", "")
            return Health.UP if "json" in kind or "xml" in kind else Health.DOWN
        case Reply(status=status):
            return Health.DOWN if status in _BROKEN else Health.UP
        case _:
            return Health.DOWN
