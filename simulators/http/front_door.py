"""Where every call enters a simulated system: the credentials, the faults, then the books; one call at a time."""

import threading
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from simulators.http.exact_json import MalformedJsonError
from simulators.http.exchange import Call, Dialect, Handler, Operation, Refusal, Reply
from simulators.http.faults import Fault, FaultInjector
from simulators.http.limits import CallLimits
from simulators.http.read_lag import ReadLag, Store
from simulators.http.spoilt_replies import SPOILT

RETRY_AFTER_SECONDS = 30
LOGIN_PAGE = b"<html><head><title>Sign in</title></head><body><form action='/login'></form></body></html>"
FOREIGN_REFUSAL = b'{"reason": "blocked by policy 12"}'
GATEWAY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

_AT_THE_DOOR = frozenset(
    {
        Fault.THROTTLE,
        Fault.SERVER_ERROR,
        Fault.UNAVAILABLE,
        Fault.REQUEST_TIMEOUT,
        Fault.GATEWAY_TIMEOUT,
        Fault.GATEWAY_PAGE,
        Fault.LOGIN_PAGE,
        Fault.UNKNOWN_REFUSAL,
        Fault.FOREIGN_REFUSAL,
        Fault.LOSE_REPLY,
        Fault.LATE_COMMIT,
        Fault.AUTH_EXPIRED,
        Fault.CLIENT_UNMAPPED,
    }
)


@dataclass(frozen=True, slots=True)
class _LateCommit:
    due_at: datetime
    process: Callable[[], object]


class Credentials(Protocol):
    """Who may call."""

    def accepts(self, call: Call) -> bool: ...

    def revoke(self, call: Call) -> None:
        """Let what this call came with be worth nothing from now on, where it can wear out."""


def _nothing() -> None:
    pass


class FrontDoor:
    """Answers calls under one lock; also the reads of a test go through `settled`, so that they see late commits.

    `background` does what the system does by itself: it is called before every call and every read of a test.
    `own_faults` are those that the system's own handlers know, beside those that happen before any system. `documents`
    are the containers that the system keeps its documents in: reads may trail them.
    """

    def __init__(
        self,
        *,
        dialect: Dialect,
        credentials: Credentials,
        faults: FaultInjector,
        now: Callable[[], datetime],
        limits: CallLimits | None = None,
        background: Callable[[], None] = _nothing,
        own_faults: frozenset[Fault] = frozenset(),
        documents: Callable[[], Iterable[Store]] = tuple,
    ) -> None:
        self.dialect = dialect
        self.faults = faults
        self.now = now
        self.limits = limits or CallLimits()
        self._background = background
        self._own_faults = own_faults
        self._read_lag = ReadLag(documents, now=now)
        self._credentials = credentials
        self._lock = threading.RLock()
        self._late: list[_LateCommit] = []

    def settled(self) -> threading.RLock:
        """Process what is due, late commits and the background, and return the lock to read under."""
        with self._lock:
            due = [late for late in self._late if late.due_at <= self.now()]
            self._late = [late for late in self._late if late.due_at > self.now()]
            for late in sorted(due, key=lambda late: late.due_at):
                late.process()
            self._background()
        return self._lock

    def answer(self, call: Call, operation: Operation) -> Reply | None:
        """Return the reply, or None where the caller gets none and the connection must be dropped."""
        with self.settled():
            dialect = operation.dialect or self.dialect
            if operation.protected and not self._credentials.accepts(call):
                return dialect.refused(dialect.unauthorized())
            if operation.protected and not self.limits.admits(call.arrived_at):
                return dialect.refused(dialect.throttled(times_before=self.limits.refused - 1))
            fault = self.faults.for_call(operation.name, writes=operation.writes)
            with nullcontext() if operation.writes else self._read_lag.read():
                return self._answer(replace(call, fault=fault), operation.handler, dialect)

    def _answer(self, call: Call, handler: Handler, dialect: Dialect) -> Reply | None:  # noqa: PLR0911 - one for each
        if call.fault is not None and call.fault in SPOILT:
            return self._spoilt(call.fault, _processed(call, handler, dialect))
        if call.fault is not None and (call.fault in _AT_THE_DOOR or call.fault in self._own_faults):
            self.faults.count(call.fault)
        match call.fault:
            case Fault.LOSE_REPLY:
                _processed(call, handler, dialect)
                return None
            case Fault.READ_LAG:
                return self._unseen(call, handler, dialect)
            case Fault.LOST_UNSEEN:
                self._unseen(call, handler, dialect)
                return None
            case Fault.LATE_COMMIT:
                due_at = call.arrived_at + timedelta(seconds=self.faults.plan.late_commit_seconds)
                self._late.append(_LateCommit(due_at, lambda: _processed(call, handler, dialect)))
                return None
            case Fault.GATEWAY_TIMEOUT:
                _processed(call, handler, dialect)
                return Reply(status=504, body=b"upstream request timeout", media_type="text/plain")
            case _:
                return self._not_processed(call, dialect) or _processed(call, handler, dialect)

    def _unseen(self, call: Call, handler: Handler, dialect: Dialect) -> Reply:
        hidden = self._read_lag.hides
        with self._read_lag.hiding(timedelta(seconds=self.faults.plan.read_lag_seconds)):
            reply = _processed(call, handler, dialect)
        if call.fault is not None and self._read_lag.hides > hidden:
            self.faults.count(call.fault)
        return reply

    def _spoilt(self, fault: Fault, reply: Reply) -> Reply:
        spoilt = SPOILT[fault](reply)
        if spoilt != reply:
            self.faults.count(fault)
        return spoilt

    def _not_processed(self, call: Call, dialect: Dialect) -> Reply | None:
        match call.fault:
            case Fault.UNAVAILABLE:
                headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
                return Reply(status=503, body=b"service unavailable", media_type="text/plain", headers=headers)
            case Fault.LOGIN_PAGE:
                return Reply(status=200, body=LOGIN_PAGE, media_type="text/html")
            case Fault.FOREIGN_REFUSAL:
                return Reply(status=418, body=FOREIGN_REFUSAL, media_type="application/json")
            case Fault.GATEWAY_PAGE:
                return Reply(status=502, body=GATEWAY_PAGE, media_type="text/html")
            case _:
                refusal = self._refusal(call, dialect)
                return None if refusal is None else dialect.refused(refusal)

    def _refusal(self, call: Call, dialect: Dialect) -> Refusal | None:  # noqa: PLR0911 - one for each fault
        match call.fault:
            case Fault.THROTTLE:
                return dialect.throttled(times_before=self.faults.injected[Fault.THROTTLE.value] - 1)
            case Fault.SERVER_ERROR:
                return dialect.server_error()
            case Fault.UNKNOWN_REFUSAL:
                return Refusal(400, "ZX_4711_NEVER_SEEN", "ZX_4711_NEVER_SEEN happened.")
            case Fault.REQUEST_TIMEOUT:
                return dialect.timed_out()
            case Fault.AUTH_EXPIRED:
                self._credentials.revoke(call)
                return dialect.unauthorized()
            case Fault.CLIENT_UNMAPPED:
                return dialect.unauthorized()
            case _:
                return None


def _processed(call: Call, handler: Handler, dialect: Dialect) -> Reply:
    try:
        return handler(call)
    except MalformedJsonError as error:
        return dialect.refused(dialect.malformed(str(error)))
    except Refusal as refusal:
        return dialect.refused(refusal)
