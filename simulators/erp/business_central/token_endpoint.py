"""The Entra token endpoint: client credentials for an access token."""

from dataclasses import dataclass
from urllib.parse import parse_qs

from simulators.erp.tokens import AccessTokens
from simulators.http.exchange import Call, Reply, json_reply

SCOPE = "https://api.businesscentral.dynamics.com/.default"


@dataclass(frozen=True, slots=True)
class BusinessCentralCredentials:
    """The one application that may ask for tokens."""

    client_id: str
    client_secret: str


def answer_token_request(call: Call, *, credentials: BusinessCentralCredentials, tokens: AccessTokens) -> Reply:
    form = {name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
    if form.get("grant_type") != "client_credentials":
        return _refused(400, "unsupported_grant_type", "grant_type must be client_credentials")
    if form.get("scope") != SCOPE:
        return _refused(400, "invalid_scope", f"scope must be {SCOPE}")
    if (form.get("client_id"), form.get("client_secret")) != (credentials.client_id, credentials.client_secret):
        return _refused(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
    seconds = int(tokens.lifetime.total_seconds())
    token = tokens.issue(client_id=credentials.client_id, now=call.arrived_at)
    return json_reply(
        200, {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token}
    )


def _refused(status: int, error: str, description: str) -> Reply:
    return json_reply(status, {"error": error, "error_description": description})
