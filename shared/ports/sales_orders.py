"""The sales orders of an ERP: what it holds of the contracts that are agreed."""

from typing import Protocol

from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.sales_order import OrderWriting, SalesOrder


class SalesOrders(Protocol):
    def write(self, order: SalesOrder) -> OrderWriting:
        """Have the ERP hold this order of the contract in place of any earlier one. Written again, it changes nothing.

        Ensures the customer first. An order of a later revision stays.
        """


class SalesOrderRouting(Protocol):
    def sales_orders_of(self, entity: LegalEntity) -> SalesOrders | None:
        """Return where a legal entity's orders are kept; None where its ERP is to hold none."""
