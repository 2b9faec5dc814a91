"""How NetSuite is reached: OAuth 2.0 machine to machine, with an assertion that KMS signs.

The secret of a connection has `base_url` (https://ACCOUNT.suitetalk.api.netsuite.com/services/rest), `client_id` and
`certificate_id`. Oracle: "OAuth 2.0 Client Credentials Flow".
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlencode

from shared.adapters.erp.kms_assertion import KmsSigner
from shared.adapters.erp.netsuite.adapter import NetSuiteErp
from shared.adapters.erp.session import ErpSession
from shared.adapters.erp.site import ErpSite
from shared.adapters.http.transport import Request
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.clock import Clock
from shared.ports.erp import Erp

SECRET_FIELDS: Final = ("base_url", "client_id", "certificate_id")
_ASSERTION_LIFE_SECONDS = 300


def connect(entity: LegalEntity, site: ErpSite) -> Erp:
    return NetSuiteErp(session_of(entity, site), entity, site.clock)


def session_of(entity: LegalEntity, site: ErpSite) -> ErpSession:
    ask = partial(_token_request, signer=site.signer, clock=site.clock)
    return site.session(entity, needed=SECRET_FIELDS, token_request=ask)


def _token_request(secret: Mapping[str, str], *, signer: KmsSigner, clock: Clock) -> Request:
    return token_request(secret, signer=signer, now=clock.now())


def token_request(secret: Mapping[str, str], *, signer: KmsSigner, now: datetime) -> Request:
    url = secret["base_url"].rstrip("/") + "/auth/oauth2/v1/token"
    issued_at = int(now.timestamp())
    claims = {
        "iss": secret["client_id"],
        "scope": ["rest_webservices"],
        "aud": url,
        "iat": issued_at,
        "exp": issued_at + _ASSERTION_LIFE_SECONDS,
    }
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signer.jwt(certificate_id=secret["certificate_id"], claims=claims),
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return Request("POST", url, headers, urlencode(form).encode())
