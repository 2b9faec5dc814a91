"""One call and its reply, free of any web framework, so that a late commit is just a call processed later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

from simulators.http import exact_json
from simulators.http.faults import Fault

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Refusal(Exception):  # noqa: N818 - a system's ordinary answer, not a failure of the simulator
    """The system refuses a call; each one writes it in its own shape."""

    def __init__(self, status: int, code: str, text: str, *, path: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that has arrived in full. Header names are lower-case; `address` is the URL without its query.

    Of a name that the query repeats, `query` has the last value and `repeated` all of them, in order.
    """

    method: str
    address: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    arrived_at: datetime
    fault: Fault | None = None
    repeated: Sequence[tuple[str, str]] = ()

    @property
    def bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def json_object(self) -> dict[str, Any]:
        """Read the body; raises MalformedJsonError for anything but one JSON object."""
        value = exact_json.loads(self.body)
        if not isinstance(value, dict):
            raise exact_json.MalformedJsonError("the body must be one JSON object")
        return value


class Delivery(StrEnum):
    """How the body of a reply comes to the caller."""

    WHOLE = "whole"
    DRIPPING = "dripping"  # byte by byte
    CUT_OFF = "cut off"  # the half of it, then the connection is reset


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    cookies: tuple[str, ...] = ()  # each in a Set-Cookie header of its own
    delivery: Delivery = Delivery.WHOLE
    clock_ahead: timedelta = timedelta(0)  # of the clock that it is dated by


def json_reply(status: int, value: object, *, media_type: str = "application/json") -> Reply:
    return Reply(status=status, body=exact_json.dumps(value), media_type=media_type)


Handler = Callable[[Call], Reply]


class Dialect(Protocol):
    """How one system says what every system says."""

    body_bytes_max: int

    def refused(self, refusal: Refusal) -> Reply: ...

    def malformed(self, text: str) -> Refusal: ...

    def unauthorized(self) -> Refusal: ...

    def throttled(self, *, times_before: int) -> Refusal: ...

    def server_error(self) -> Refusal: ...

    def timed_out(self) -> Refusal: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One entry of a system's interface. Only writes draw faults by chance; the open ones ask for no access token.

    `dialect` is for a system that speaks more than one: how this entry refuses.
    """

    name: str
    method: str
    path: str
    handler: Handler
    writes: bool = False
    protected: bool = True
    dialect: Dialect | None = None
