"""The communication user: Basic or a bearer token, and locked after five wrong passwords, whatever comes then."""

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs

from simulators.erp.tokens import AccessTokens
from simulators.http.exchange import Call, Reply, json_reply

WRONG_PASSWORDS_MAX = 5
TOKEN_LIFETIME = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class SapCredentials:
    """One user, of whom the OAuth client is another name: its secret is the user's password."""

    user: str
    password: str
    client_id: str


class CommunicationUser:
    """Who may call (port Credentials). A locked user stays locked until somebody unlocks it."""

    def __init__(self, credentials: SapCredentials) -> None:
        self._credentials = credentials
        self._tokens = AccessTokens(lifetime=TOKEN_LIFETIME)
        self.wrong_passwords = 0

    @property
    def is_locked(self) -> bool:
        return self.wrong_passwords >= WRONG_PASSWORDS_MAX

    def unlock(self) -> None:
        self.wrong_passwords = 0

    def accepts(self, call: Call) -> bool:
        if call.bearer:
            return not self.is_locked and self._tokens.accepts(call)
        name, password = _basic(call)
        return self._signs_in(name, password, known_as=self._credentials.user)

    def revoke(self, call: Call) -> None:
        self._tokens.revoke(call)

    def answer_token_request(self, call: Call) -> Reply:
        """Return a token for client credentials, which may come as Basic or in the form."""
        form = {name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") != "client_credentials":
            return json_reply(400, {"error": "unsupported_grant_type"})
        name, password = _basic(call)
        if not name:
            name, password = form.get("client_id", ""), form.get("client_secret", "")
        if not self._signs_in(name, password, known_as=self._credentials.client_id):
            return json_reply(401, {"error": "invalid_client"})
        token = self._tokens.issue(client_id=name, now=call.arrived_at)
        seconds = int(TOKEN_LIFETIME.total_seconds())
        return json_reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": seconds})

    def _signs_in(self, name: str, password: str, *, known_as: str) -> bool:
        if name != known_as or self.is_locked:
            return False
        if password != self._credentials.password:
            self.wrong_passwords += 1
            return False
        self.wrong_passwords = 0
        return True


def _basic(call: Call) -> tuple[str, str]:
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password
