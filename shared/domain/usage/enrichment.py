"""Who pays for an event: customer, contract, subscription and charge as of the time it happened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import MeterCode, PlanId
from shared.domain.master_data.catalog import Charge, Contract, CustomerAccount, Plan, Subscription
from shared.domain.metering.meter import Meter
from shared.domain.usage.accepted import AcceptedUsage, BillableUsage
from shared.domain.usage.event import Dimensions, UsageEvent


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Nobody can be billed for the event yet. `reason` is for people."""

    code: ExceptionCode
    reason: str


Enrichment: TypeAlias = BillableUsage | Unresolved


def enrich(
    usage: AcceptedUsage,
    *,
    account: CustomerAccount | None,
    meters: Mapping[MeterCode, Meter],
    plans: Mapping[PlanId, Plan],
) -> Enrichment:
    """Resolve one event against one version of master data. `account` is whoever goes by the event's subject."""
    event = usage.event
    if account is None:
        return Unresolved(ExceptionCode.UNKNOWN_CUSTOMER, f"no customer goes by the subject {event.subject}")
    meter = meters.get(event.meter)
    if meter is None:
        return Unresolved(ExceptionCode.UNKNOWN_METER, f"there is no meter {event.meter}")
    kept = tuple(pair for pair in event.dimensions if pair[0] in meter.dimensions)
    for contract, subscription, charge in _charges_at(event, account, plans):
        if _takes(charge, event, kept):
            return BillableUsage(
                accepted=usage,
                customer_id=account.customer.customer_id,
                contract_id=contract.contract_id,
                subscription_id=subscription.subscription_id,
                product_id=charge.product_id,
                legal_entity_id=contract.legal_entity_id,
                aggregation=meter.aggregation,
                dimensions=kept,
            )
    reason = f"no subscription of {account.customer.customer_id} charges for {event.meter} at {event.occurred_at}"
    return Unresolved(ExceptionCode.NO_ACTIVE_SUBSCRIPTION, reason)


def _charges_at(
    event: UsageEvent, account: CustomerAccount, plans: Mapping[PlanId, Plan]
) -> Iterator[tuple[Contract, Subscription, Charge]]:
    for contract in account.contracts:
        if event.occurred_at in contract.active:
            for subscription in contract.subscriptions:
                if event.occurred_at in subscription.active:
                    for charge in plans[subscription.plan_id].charges:
                        yield contract, subscription, charge


def _takes(charge: Charge, event: UsageEvent, dimensions: Dimensions) -> bool:
    return charge.meter == event.meter and all(pair in dimensions for pair in charge.match)
