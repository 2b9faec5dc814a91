"""Sessions of the OData gateway: a token against forged requests is worth something only with the cookie it came with.

A write without a good token is refused with 403 and `x-csrf-token: Required` before anything else is looked at.
"""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from simulators.http.exchange import Call, Handler, Reply
from simulators.http.faults import Fault

SESSION_COOKIE = "SAP_SESSIONID_U2C_100"
CONTEXT_COOKIE = "sap-usercontext=sap-client=100; path=/"
LIFETIME = timedelta(minutes=30)


class GatewaySessions:
    """All sessions of one tenant, by their cookie."""

    def __init__(self) -> None:
        self._opened = 0
        self._tokens: dict[str, tuple[str, datetime]] = {}  # session: token, end

    def reads(self, handler: Handler) -> Handler:
        """Return a handler that gives a token to whoever fetches one."""

        def answer(call: Call) -> Reply:
            reply = handler(call)
            if call.headers.get("x-csrf-token", "").lower() != "fetch":
                return reply
            token, cookies = self._fetched(call)
            return replace(reply, headers={**reply.headers, "x-csrf-token": token}, cookies=cookies)

        return answer

    def writes(self, handler: Handler) -> Handler:
        """Return a handler that lets only calls with a good token and its cookie through."""

        def answer(call: Call) -> Reply:
            session = _session_of(call)
            if call.fault is Fault.CSRF_EXPIRED:
                self._tokens.pop(session, None)
            token, ends_at = self._tokens.get(session, ("", call.arrived_at))
            if not token or call.arrived_at >= ends_at or call.headers.get("x-csrf-token") != token:
                text = b"CSRF token validation failed"
                return Reply(status=403, body=text, media_type="text/plain", headers={"x-csrf-token": "Required"})
            return handler(call)

        return answer

    def _fetched(self, call: Call) -> tuple[str, tuple[str, ...]]:
        self._tokens = {session: kept for session, kept in self._tokens.items() if kept[1] > call.arrived_at}
        session = _session_of(call)
        if session in self._tokens:
            return self._tokens[session][0], ()
        self._opened += 1
        session = hashlib.sha256(f"session:{self._opened}".encode()).hexdigest()[:32]
        token = hashlib.sha256(f"token:{self._opened}".encode()).hexdigest()[:24]
        self._tokens[session] = token, call.arrived_at + LIFETIME
        return token, (CONTEXT_COOKIE, f"{SESSION_COOKIE}={session}; path=/; HttpOnly")


def _session_of(call: Call) -> str:
    try:
        cookies = SimpleCookie(call.headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookies[SESSION_COOKIE].value if SESSION_COOKIE in cookies else ""
