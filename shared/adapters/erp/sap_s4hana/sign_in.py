"""Calls that are signed in by what the secret holds: an OAuth 2.0 client, or user and password.

A password that SAP refuses is not sent again: after five wrong ones the user is locked. A token that has died is
renewed once, which sends the password once.
"""

import base64
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from shared.adapters.erp.session import CallResult, no_credentials
from shared.adapters.erp.site import ErpSite
from shared.adapters.http.connection_secrets import CredentialsUnavailableError
from shared.adapters.http.transport import Reply, Request
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.outcome import AuthFailed

OAUTH_FIELDS: Final = ("base_url", "token_url", "client_id", "client_secret")
BASIC_FIELDS: Final = ("base_url", "user", "password")


class SignedInCalls:
    """Calls to one entity's connection (port AuthorisedCalls)."""

    def __init__(self, entity: LegalEntity, site: ErpSite) -> None:
        self._connection = entity.erp.connection
        self._credentials = site.credentials
        self._by_token = site.session(entity, needed=OAUTH_FIELDS, token_request=token_request)
        self._transport, self._refused = site.line_of(entity)

    def call(self, method: str, path: str, *, content: bytes, headers: Mapping[str, str]) -> CallResult:
        try:
            secret = self._credentials.read(self._connection)
            if "user" not in secret:
                return self._by_token.call(method, path, content=content, headers=headers)
            secret = self._credentials.read(self._connection, *BASIC_FIELDS)
        except CredentialsUnavailableError as error:
            return no_credentials(error)
        said = base64.b64encode(f"{secret['user']}:{secret['password']}".encode()).decode()
        url = secret["base_url"].rstrip("/") + path
        request = Request(method, url, {"Authorization": f"Basic {said}", **headers}, content)
        result = self._transport.exchange(request)
        if isinstance(result, Reply) and result.status == HTTPStatus.UNAUTHORIZED:
            return AuthFailed(self._refused(f"{self._connection} refuses user and password"))
        return result


def token_request(secret: Mapping[str, str]) -> Request:
    form = {
        "grant_type": "client_credentials",
        "client_id": secret["client_id"],
        "client_secret": secret["client_secret"],
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return Request("POST", secret["token_url"], headers, urlencode(form).encode())
