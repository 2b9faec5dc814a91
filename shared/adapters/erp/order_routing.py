"""Which ERP keeps a legal entity's orders (port SalesOrderRouting): NetSuite, where its mapping names an item."""

from shared.adapters.erp.netsuite.connect import session_of
from shared.adapters.erp.netsuite.orders import ITEM_SETTING, NetSuiteSalesOrders
from shared.adapters.erp.site import ErpSite
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.sales_orders import SalesOrders


class MappedSalesOrderRouting:
    def __init__(self, site: ErpSite) -> None:
        self._site = site

    def sales_orders_of(self, entity: LegalEntity) -> SalesOrders | None:
        if ITEM_SETTING not in entity.erp.settings:
            return None
        return NetSuiteSalesOrders(session_of(entity, self._site), entity)
