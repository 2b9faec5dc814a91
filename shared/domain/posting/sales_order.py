"""What is agreed in a contract, for an ERP that keeps it: one sales order a contract, told whole each time.

It has no prices. What is due is worked out by rating alone, and an ERP must find nothing in it to invoice again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from shared.domain.identifiers import ContractId, ExternalRef, PlanId, PostingId, TenantId
from shared.domain.master_data.catalog import Contract, Plan
from shared.domain.master_data.customer import Customer
from shared.domain.money import Currency
from shared.domain.posting.compose import party_of
from shared.domain.posting.document import PostingParty, external_ref
from shared.domain.subscriptions.subscription import Subscription
from shared.domain.time_period import Period, last_local_day, local_day


@dataclass(frozen=True, slots=True)
class SalesOrderLine:
    """A subscription for as long as its quantity is the same."""

    description: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesOrder:
    """`revision` grows with whatever is agreed: an ERP that holds this one or a later one has nothing to be told."""

    contract_id: ContractId
    external_ref: ExternalRef
    party: PostingParty
    currency: Currency
    agreed_on: date
    purchase_order: str
    revision: int
    lines: tuple[SalesOrderLine, ...]


@dataclass(frozen=True, slots=True)
class OrderWritten:
    pass


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """The ERP will say the same to the same order; a person has to change something."""

    reason: str


@dataclass(frozen=True, slots=True)
class OrderUnavailable:
    """The ERP did not take the order, or nobody knows: write it again."""

    reason: str


OrderWriting: TypeAlias = OrderWritten | OrderRefused | OrderUnavailable


def sales_order(
    contract: Contract,
    *,
    tenant: TenantId,
    buyer: Customer,
    zone: ZoneInfo,
    plans: Mapping[PlanId, Plan],
    revision: int,
) -> SalesOrder:
    """Return the order of a contract as it is agreed now, with days of the customer's `zone`."""
    return SalesOrder(
        contract_id=contract.contract_id,
        external_ref=external_ref(tenant=tenant, posting_id=PostingId(f"{contract.contract_id}/order")),
        party=party_of(buyer),
        currency=contract.currency,
        agreed_on=local_day(contract.active.start, zone),
        purchase_order=contract.purchase_order,
        revision=revision,
        lines=tuple(line for one in contract.subscriptions for line in _lines(one, plans[one.plan_id].name, zone=zone)),
    )


def _lines(subscription: Subscription, plan: str, *, zone: ZoneInfo) -> Iterator[SalesOrderLine]:
    name, pauses = f"{plan} ({subscription.subscription_id})", "".join(_pauses(subscription, zone))
    if not subscription.quantities:
        yield SalesOrderLine(f"{name}, {_days(subscription.active, zone)}{pauses}", Decimal(1))
    for quantity in subscription.quantities:
        yield SalesOrderLine(f"{name}, {_days(quantity.valid, zone)}{pauses}", quantity.value)


def _pauses(subscription: Subscription, zone: ZoneInfo) -> Iterator[str]:
    for pause in subscription.pauses:
        yield f", paused {_days(pause, zone)}"


def _days(period: Period, zone: ZoneInfo) -> str:
    first = local_day(period.start, zone).isoformat()
    return f"from {first}" if period.end is None else f"from {first} to {last_local_day(period, zone).isoformat()}"
