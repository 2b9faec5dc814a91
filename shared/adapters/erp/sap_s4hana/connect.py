"""How SAP is reached: by OAuth 2.0 client credentials, or by the communication user's password.

The secret of a connection has `base_url` (https://myNNNNNN-api.s4hana.cloud.sap), and `token_url`, `client_id` and
`client_secret`, or `user` and `password`. SAP's client secret is the user's password.
"""

from typing import Final

from shared.adapters.erp.sap_s4hana.adapter import SapS4HanaErp
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.adapters.erp.sap_s4hana.sign_in import BASIC_FIELDS, OAUTH_FIELDS, SignedInCalls
from shared.adapters.erp.site import ErpSite
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.erp import ReadableErp

SECRET_FIELDS: Final = tuple(dict.fromkeys((*OAUTH_FIELDS, *BASIC_FIELDS)))  # of either way


def connect(entity: LegalEntity, site: ErpSite) -> ReadableErp:
    return SapS4HanaErp(SapSession(SignedInCalls(entity, site)), entity, site.clock, site.creations)
