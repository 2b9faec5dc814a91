"""How Dynamics 365 Finance is reached: Entra client credentials for the environment itself.

The secret of a connection has `base_url` (https://ENVIRONMENT.operations.dynamics.com), `token_url`
(https://login.microsoftonline.com/TENANT/oauth2/v2.0/token), `client_id` and `client_secret`. The application must be
mapped to a user in the ERP; until it is, a good token is refused.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from shared.adapters.erp.dynamics_finance.adapter import DynamicsFinanceErp
from shared.adapters.erp.site import ErpSite
from shared.adapters.http.transport import Request
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.erp import ReadableErp

SECRET_FIELDS: Final = ("base_url", "token_url", "client_id", "client_secret")


def connect(entity: LegalEntity, site: ErpSite) -> ReadableErp:
    session = site.session(entity, needed=SECRET_FIELDS, token_request=token_request)
    return DynamicsFinanceErp(session, entity, transport=site.transport, clock=site.clock)


def token_request(secret: Mapping[str, str]) -> Request:
    form = {
        "grant_type": "client_credentials",
        "client_id": secret["client_id"],
        "client_secret": secret["client_secret"],
        "scope": secret["base_url"].rstrip("/") + "/.default",
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return Request("POST", secret["token_url"], headers, urlencode(form).encode())
