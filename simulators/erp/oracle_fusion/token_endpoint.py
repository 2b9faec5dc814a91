"""The token endpoint of the IAM identity domain, and who may call Fusion: a bearer token or a user's password."""

import base64
import binascii
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from simulators.erp.tokens import AccessTokens
from simulators.http.exchange import Call, Reply, json_reply


@dataclass(frozen=True, slots=True)
class OracleFusionCredentials:
    """The one confidential application and the one integration user."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str = "urn:opc:resource:fa:instanceid=1urn:opc:resource:consumer::all"
    user: str = "u2c.integration"
    password: str = field(default="", repr=False)  # empty: this environment takes no passwords


@dataclass(frozen=True, slots=True)
class FusionUsers:
    """Checks each call (port Credentials). A password does not wear out, a token does."""

    tokens: AccessTokens
    credentials: OracleFusionCredentials

    def accepts(self, call: Call) -> bool:
        if call.bearer:
            return self.tokens.accepts(call)
        wanted = (self.credentials.user, self.credentials.password)
        return bool(self.credentials.password) and basic_pair(call) == wanted

    def revoke(self, call: Call) -> None:
        self.tokens.revoke(call)


def answer_token_request(call: Call, *, credentials: OracleFusionCredentials, tokens: AccessTokens) -> Reply:
    form = {name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
    if form.get("grant_type") != "client_credentials":
        return _refused(400, "unsupported_grant_type", "Unsupported grant type.")
    if basic_pair(call) != (credentials.client_id, credentials.client_secret):
        return _refused(401, "invalid_client", "Client authentication failed.")
    if form.get("scope") != credentials.scope:
        return _refused(400, "invalid_scope", "Invalid scope.")
    seconds = int(tokens.lifetime.total_seconds())
    token = tokens.issue(client_id=credentials.client_id, now=call.arrived_at)
    return json_reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": seconds})


def basic_pair(call: Call) -> tuple[str, str]:
    """Return name and password of HTTP Basic; two empty texts for any other header."""
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password


def _refused(status: int, error: str, description: str) -> Reply:
    return json_reply(status, {"error": error, "error_description": description})
