"""Calls to one SAP connection: cookies kept, a token against forged requests for OData writes, renewed once.

A session cookie stands for the user who signed in, so it never leaves its session.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol

from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import write_json
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import AuthFailed

_TOKEN_HEADER, _FETCH = "x-csrf-token", "fetch"
_NEXT_COOKIE = re.compile(r",\s*(?=[^;,=\s]+=)")  # between cookies of one line, not within a date


class AuthorisedCalls(Protocol):
    """Sends calls with whatever the connection signs in by; AuthFailed for refused credentials."""

    def call(self, method: str, path: str, *, content: bytes, headers: Mapping[str, str]) -> CallResult: ...


class SapSession:
    """One connection, by whatever it signs in."""

    def __init__(self, calls: AuthorisedCalls) -> None:
        self._calls = calls
        self._cookies: dict[str, str] = {}
        self._token = ""

    def read(self, path: str) -> CallResult:
        """Read from an OData service."""
        return self._send("GET", path)

    def create(self, path: str, body: Mapping[str, object]) -> CallResult:
        """Create an entity. A token that is no longer good is fetched anew once; such a refusal precedes any work."""
        result = self._write(path, write_json(body).encode())
        if _wants_a_token(result):
            self._token = ""
            result = self._write(path, write_json(body).encode())
        return result

    def post_entry(self, path: str, content: bytes) -> CallResult:
        """Send a SOAP message, once. It needs neither cookies nor a token."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml"}
        return _no_entry(self._calls.call("POST", path, content=content, headers=headers))

    def _write(self, path: str, content: bytes) -> CallResult:
        if not self._token:
            self._cookies = {}
            fetched = self._send("GET", f"{path}?$top=1&$format=json", token=_FETCH)
            if not self._token:
                return fetched
        return self._send("POST", path, token=self._token, content=content)

    def _send(self, method: str, path: str, *, token: str = "", content: bytes = b"") -> CallResult:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        said = {_TOKEN_HEADER: token, "Cookie": cookies, "Content-Type": "application/json" if content else ""}
        headers = {"Accept": "application/json", **{name: value for name, value in said.items() if value}}
        result = self._calls.call(method, path, content=content, headers=headers)
        if isinstance(result, Reply):
            self._keep(result)
        return result if _wants_a_token(result) else _no_entry(result)

    def _keep(self, reply: Reply) -> None:
        for cookie in _NEXT_COOKIE.split(reply.headers.get("set-cookie", "")):
            name, is_one, value = cookie.partition(";")[0].partition("=")
            if is_one:
                self._cookies[name.strip()] = value.strip()
        token = reply.headers.get(_TOKEN_HEADER, "")
        if token and token.lower() != "required":
            self._token = token


def _wants_a_token(result: CallResult) -> bool:
    if not isinstance(result, Reply) or result.status != HTTPStatus.FORBIDDEN:
        return False
    return result.headers.get(_TOKEN_HEADER, "").lower() == "required"


def _no_entry(result: CallResult) -> CallResult:
    """Return a refusal of this user for this service as what it is: it holds for every call until somebody acts."""
    if isinstance(result, Reply) and result.status == HTTPStatus.FORBIDDEN:
        return AuthFailed("the user may not use this service: see its communication arrangement")
    return result
