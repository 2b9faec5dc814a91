"""The OAuth 2.0 machine-to-machine endpoint: a signed client assertion for an access token."""

from dataclasses import dataclass
from urllib.parse import parse_qs

from simulators.erp.netsuite.client_assertion import AssertionRefusedError, TrustedKey, check_assertion
from simulators.erp.tokens import AccessTokens
from simulators.http.exchange import Call, Reply, json_reply

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class NetSuiteCredentials:
    """The one integration, and the certificate id under which its public key was uploaded."""

    client_id: str
    certificate_id: str


def answer_token_request(call: Call, *, key: TrustedKey, tokens: AccessTokens) -> Reply:
    form = {name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
    if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != ASSERTION_TYPE:
        return _refused("unsupported_grant_type", "client_credentials with a jwt-bearer client assertion is expected")
    try:
        check_assertion(form.get("client_assertion", ""), key=key, audience=call.address, now=call.arrived_at)
    except AssertionRefusedError as error:
        return _refused("invalid_client", str(error))
    seconds = int(tokens.lifetime.total_seconds())
    token = tokens.issue(client_id=key.client_id, now=call.arrived_at)
    return json_reply(200, {"access_token": token, "expires_in": str(seconds), "token_type": "Bearer"})


def _refused(error: str, description: str) -> Reply:
    return json_reply(400, {"error": error, "error_description": description})
