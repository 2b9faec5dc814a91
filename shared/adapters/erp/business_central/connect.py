"""How Business Central is reached: Entra client credentials.

The secret of a connection has `base_url` (https://api.businesscentral.dynamics.com/v2.0/TENANT/ENVIRONMENT/api/v2.0),
`token_url`, `client_id` and `client_secret`.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from shared.adapters.erp.business_central.adapter import BusinessCentralErp
from shared.adapters.erp.site import ErpSite
from shared.adapters.http.transport import Request
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.erp import Erp

SECRET_FIELDS: Final = ("base_url", "token_url", "client_id", "client_secret")
_SCOPE = "https://api.businesscentral.dynamics.com/.default"


def connect(entity: LegalEntity, site: ErpSite) -> Erp:
    session = site.session(entity, needed=SECRET_FIELDS, token_request=token_request)
    return BusinessCentralErp(session, entity, site.clock)


def token_request(secret: Mapping[str, str]) -> Request:
    form = {
        "grant_type": "client_credentials",
        "client_id": secret["client_id"],
        "client_secret": secret["client_secret"],
        "scope": _SCOPE,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return Request("POST", secret["token_url"], headers, urlencode(form).encode())
