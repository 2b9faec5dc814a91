"""HTTP to an outside system: one request, no retries or redirects, and a word on whether it may have been processed.

The only module that knows httpx.
"""

import logging
import re
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol, TypeAlias

import httpx

from shared.adapters.http.exact_json import read_object

MAX_REPLY_BYTES = 5 * 1024 * 1024
LONGEST_WAIT = 3_600  # seconds; who says more is asked again all the same, so that no mistake of theirs parks anything
_MOST_DIGITS = 9  # Python itself refuses to read some thousands of them
# Shorter than any invocation: a system that takes longer is asked again later, like one that never answers.
_TIMEOUT = httpx.Timeout(connect=5, read=20, write=10, pool=5)
# Each of these bounds a wait for the next bytes. A body that comes drop by drop is given up, at the next drop, after:
LONGEST_EXCHANGE_SECONDS = 35  # with the longest wait shorter than the lease of a permit (posting/pacing)
_LIMITS = httpx.Limits(max_connections=4, keepalive_expiry=10)
_LETS_IN = frozenset({"authorization", "cookie", "x-csrf-token"})
_TOKEN = re.compile(r"[^\s;=]{16,}=*")
_HIDDEN = b"(hidden)"
_BEFORE_THE_FIRST_BYTE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. The body is complete: its bytes are what was meant, number for number."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)  # they hold the token
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever its status. Header names are lower-case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of success

    @property
    def retry_after_seconds(self) -> int | None:
        """The seconds that the reply asks to wait, at most an hour; None when it does not say.

        Either as such or as a date, which is held against the reply's own (RFC 9110, 10.2.3).
        """
        text = self.headers.get("retry-after", "")
        if text.isascii() and text.isdigit():
            return min(int(text[:_MOST_DIGITS]), LONGEST_WAIT)
        until, now = _http_date(text), self.sent_at
        return None if until is None or now is None else min(max(int((until - now).total_seconds()), 0), LONGEST_WAIT)

    @property
    def sent_at(self) -> datetime | None:
        """When the system says that it has sent the reply, by its own clock; None when it does not say."""
        return _http_date(self.headers.get("date", ""))

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; raises MalformedReplyError for an error page of a gateway and the like."""
        return read_object(self.body)


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request has left: it was certainly not processed."""

    reason: str
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class NotTrusted(NotSent):
    """The certificate that its server shows is not to be trusted: whoever it is, it gets no credentials of ours.

    A person must act: somebody may be in between, or the certificate was forgotten.
    """


@dataclass(frozen=True, slots=True)
class HeldBack(NotSent):
    """Nobody tried to send it: it was not its turn."""


@dataclass(frozen=True, slots=True)
class CredentialsHeld(HeldBack):
    """Its credentials are not sent: the system has refused them, or is not to be trusted, and a person must act."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request has left, at least in part, and no complete reply came: it may have been processed."""

    reason: str


Exchange: TypeAlias = Reply | NotSent | NoAnswer


class Transport(Protocol):
    def exchange(self, request: Request) -> Exchange:
        """Send one request, once, and return what came of it."""


class _TooSlowError(Exception):
    """The reply still comes, but nobody waits for the rest of it."""


class _BoundedStream(httpx.SyncByteStream):
    """A body as it arrives, before it is unpacked: of a packed one, much may drip before a byte comes out."""

    def __init__(self, stream: Any, is_too_late: Callable[[], bool]) -> None:  # noqa: ANN401 - httpx has two kinds
        self._stream = stream
        self._is_too_late = is_too_late

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            if self._is_too_late():
                raise _TooSlowError
            yield part

    def close(self) -> None:
        self._stream.close()


class HttpTransport:
    """Sends requests over a client whose time-outs bound each wait; `seconds` only ever goes forward (monotonic)."""

    def __init__(self, client: httpx.Client, seconds: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._seconds = seconds

    def exchange(self, request: Request) -> Exchange:
        until = self._seconds() + LONGEST_EXCHANGE_SECONDS
        try:
            with self._client.stream(
                request.method, request.url, headers=dict(request.headers), content=request.body or None
            ) as response:
                response.stream = _BoundedStream(response.stream, lambda: self._seconds() > until)
                return _read(response, hidden=_let_in_by(request))
        except _BEFORE_THE_FIRST_BYTE as error:
            doubt = _doubt_of_certificate(error)
            if doubt is not None:
                return NotTrusted(f"the certificate of {httpx.URL(request.url).host} is not trusted: {doubt}")
            return NotSent(type(error).__name__)
        except _TooSlowError:
            return NoAnswer(f"a reply that is not complete after {LONGEST_EXCHANGE_SECONDS} seconds")
        except httpx.HTTPError as error:
            return NoAnswer(type(error).__name__)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._client.close()


def http_client() -> httpx.Client:
    """Return a client as every call to an outside system needs it; the caller closes it.

    It keeps no cookies: the session of one connection's user must not travel with the calls of another's. Nor does it
    log: an address may name a customer whom a filter asks for, or be signed.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    return httpx.Client(timeout=_TIMEOUT, limits=_LIMITS, follow_redirects=False, trust_env=False, cookies=no_cookies)


@cache
def http_transport() -> HttpTransport:
    """Return the transport of this process, which keeps connections open between calls."""
    return HttpTransport(http_client())


def _doubt_of_certificate(error: BaseException) -> str | None:
    """Return what is wrong with a server's certificate, in OpenSSL's words; None where that is not what failed."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        cause = cause.__cause__ or cause.__context__
    return None


def _http_date(text: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # years and zones beyond any calendar
        return None
    return instant if instant.tzinfo is not None else None


def _let_in_by(request: Request) -> list[bytes]:
    """Return the tokens of a request; nothing so short that a reply may have it by chance."""
    values = [value for name, value in request.headers.items() if name.lower() in _LETS_IN]
    return [found.encode() for value in values for found in _TOKEN.findall(value)]


def _read(response: httpx.Response, *, hidden: Iterable[bytes]) -> Exchange:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_REPLY_BYTES:
            return NoAnswer(f"a reply of more than {MAX_REPLY_BYTES} bytes")
    headers = {name.lower(): value for name, value in response.headers.items()}
    for one in hidden:  # a refusal may quote its request, and is stored and told to persons
        body = body.replace(one, _HIDDEN)
    return Reply(response.status_code, headers, bytes(body))
