"""How Fusion is reached: client credentials of a confidential application in the IAM identity domain.

The secret of a connection has `base_url` (https://POD.fa.REGION.oraclecloud.com), `token_url`
(https://idcs-….identity.oraclecloud.com/oauth2/v1/token), `client_id`, `client_secret` and `scope`.
"""

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from shared.adapters.erp.oracle_fusion.adapter import OracleFusionErp
from shared.adapters.erp.site import ErpSite
from shared.adapters.http.transport import Request
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.erp import ReadableErp

SECRET_FIELDS: Final = ("base_url", "token_url", "client_id", "client_secret", "scope")


def connect(entity: LegalEntity, site: ErpSite) -> ReadableErp:
    session = site.session(entity, needed=SECRET_FIELDS, token_request=token_request)
    return OracleFusionErp(session, entity, site.clock)


def token_request(secret: Mapping[str, str]) -> Request:
    client = base64.b64encode(f"{secret['client_id']}:{secret['client_secret']}".encode()).decode("ascii")
    headers = {
        "Authorization": f"Basic {client}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    form = {"grant_type": "client_credentials", "scope": secret["scope"]}
    return Request("POST", secret["token_url"], headers, urlencode(form).encode())
