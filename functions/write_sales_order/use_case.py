"""Have the ERP hold a contract as it stands after an amendment, or after its withdrawal: the same call does both."""

from dataclasses import dataclass
from typing import assert_never

from shared.domain.master_data.catalog import Contract
from shared.domain.master_data.customer import Customer
from shared.domain.posting.sales_order import OrderRefused, OrderUnavailable, OrderWritten, sales_order
from shared.domain.subscriptions.amendment_request import AmendmentRequest, AskedAmendment
from shared.ports.amendments import AmendmentRequests
from shared.ports.master_data import MasterData
from shared.ports.sales_orders import SalesOrderRouting

MOST_TRIES = 5  # other contracts, or this one, are amended at the same time


class ErpUnavailableError(RuntimeError):
    """The ERP did not take the order, or nobody knows, or more was agreed meanwhile; to be written again."""


class ErpRefusedError(RuntimeError):
    """The ERP will never take the order."""


class NothingAgreedError(LookupError):
    """Nobody has asked for this amendment, or the published catalogue does not know the contract's parties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesOrderWriter:
    requests: AmendmentRequests
    master_data: MasterData
    orders: SalesOrderRouting

    def write(self, asked: AskedAmendment) -> AmendmentRequest:
        """Return the request as it stands, once the ERP holds the contract; at once where the ERP is to hold none.

        Raises ErpUnavailableError, ErpRefusedError, NothingAgreedError.
        """
        request = self.requests.read(asked.request_id)
        if request is None or request.asked != asked:
            raise NothingAgreedError(asked.request_id)
        for _ in range(MOST_TRIES):
            # Before anything is looked at: what is written is as late as its revision says, or later.
            standing = self.requests.standing()
            if standing is None or not self._write(asked, standing.changes):
                return request
            if self.requests.standing() == standing:
                return request
        raise ErpUnavailableError("more is agreed all the time")

    def _write(self, asked: AskedAmendment, revision: int) -> bool:
        """Write the order and return True; False where the ERP is to hold none."""
        self.master_data.version()
        contract, user, buyer = self._parties(asked)
        entity = self.master_data.legal_entity(contract.legal_entity_id)
        orders = self.orders.sales_orders_of(entity) if entity is not None else None
        if orders is None:
            return False
        order = sales_order(
            contract,
            tenant=asked.tenant,
            buyer=buyer,
            zone=user.time_zone,
            plans=self.master_data.plans({one.plan_id for one in contract.subscriptions}),
            revision=revision,
        )
        match orders.write(order):
            case OrderWritten():
                return True
            case OrderRefused(reason):
                raise ErpRefusedError(reason)
            case OrderUnavailable(reason):
                raise ErpUnavailableError(reason)
            case _ as never:
                assert_never(never)

    def _parties(self, asked: AskedAmendment) -> tuple[Contract, Customer, Customer]:
        account = self.master_data.account(asked.customer_id)
        contracts = account.contracts if account else ()
        contract = next((one for one in contracts if one.contract_id == asked.contract_id), None)
        buyer = self.master_data.account(contract.buyer_id) if contract else None
        if account is None or contract is None or buyer is None:
            raise NothingAgreedError(asked.contract_id)
        return contract, account.customer, buyer.customer
