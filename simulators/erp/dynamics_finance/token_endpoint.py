"""The Entra token endpoint, and the application that Dynamics 365 Finance maps to a user of its own."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from simulators.erp.tokens import AccessTokens
from simulators.http.exchange import Call, Reply, json_reply


@dataclass(frozen=True, slots=True)
class DynamicsFinanceCredentials:
    """The one application that may ask for tokens."""

    client_id: str
    client_secret: str


@dataclass(slots=True)
class MappedApplications:
    """Who may call: a token that lasts, and an application that an administrator has mapped to a user."""

    tokens: AccessTokens
    mapped: bool = True

    def accepts(self, call: Call) -> bool:
        return self.mapped and self.tokens.accepts(call)

    def revoke(self, call: Call) -> None:
        self.tokens.revoke(call)


def answer_token_request(call: Call, *, credentials: DynamicsFinanceCredentials, tokens: AccessTokens) -> Reply:
    form = {name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
    address = urlsplit(call.address)
    scope = f"{address.scheme}://{address.netloc}/.default"
    if form.get("grant_type") != "client_credentials":
        return _refused(400, "unsupported_grant_type", "grant_type must be client_credentials")
    if form.get("scope") != scope:
        return _refused(400, "invalid_scope", f"AADSTS70011: the scope must be {scope}")
    if (form.get("client_id"), form.get("client_secret")) != (credentials.client_id, credentials.client_secret):
        return _refused(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
    seconds = int(tokens.lifetime.total_seconds())
    token = tokens.issue(client_id=credentials.client_id, now=call.arrived_at)
    return json_reply(200, {"token_type": "Bearer", "expires_in": seconds, "access_token": token})


def _refused(status: int, error: str, description: str) -> Reply:
    return json_reply(status, {"error": error, "error_description": description})
