"""How Tryton is reached: a user's key for its REST interface, and the user's password for the rest.

The secret of a connection has `base_url` (https://HOST/DATABASE), `key`, `user` and `password`.
"""

from shared.adapters.erp.site import ErpSite
from shared.adapters.erp.tryton.adapter import TrytonErp
from shared.adapters.erp.tryton.connection import SECRET_FIELDS, TrytonConnection
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.erp import ReadableErp

__all__ = ["SECRET_FIELDS", "connect"]


def connect(entity: LegalEntity, site: ErpSite) -> ReadableErp:
    return TrytonErp(TrytonConnection(entity, site), entity, site.clock)
