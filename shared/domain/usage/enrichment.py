"""Who pays for an event: customer, contract, subscription and charge as of the time it happened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from shared.domain.entitlement.decision import Advice, Decision, advise, right_at
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import MeterCode, PlanId
from shared.domain.master_data.catalog import Charge, Contract, CustomerAccount, Plan, Subscription
from shared.domain.master_data.subjects import UsageAccount
from shared.domain.metering.meter import CURRENCY_DIMENSION
from shared.domain.money import Currency
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.billable import BillableUsage
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.measurement import Measurement, MetersByEvent, Unmeasurable, measure


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Nobody can be billed for the event yet, or for what one meter measures of it. `reason` is for people."""

    code: ExceptionCode
    reason: str
    meter: MeterCode | None = None


Enrichment: TypeAlias = BillableUsage | Unresolved


def enrich(
    usage: AcceptedUsage,
    *,
    who: UsageAccount | None,
    meters: MetersByEvent,
    plans: Mapping[PlanId, Plan],
) -> tuple[Enrichment, ...]:
    """Resolve one event against one version of master data: one outcome for each meter that takes it.

    Nothing at all means that the event has meters, and that none of them takes it. `who` is billed for the event's
    subject at its time.
    """
    event = usage.event
    of_event = [meter for meter in meters.get(event.meter, ()) if usage.for_meter in (None, meter.code)]
    measured = list(measure(event, usage.fingerprint, of_event))
    if of_event and not measured:
        return ()
    if who is None:
        reason = f"no customer goes by the subject {event.subject}"
        return (Unresolved(ExceptionCode.UNKNOWN_CUSTOMER, reason, usage.for_meter),)
    if not of_event:
        reason = f"there is no meter {usage.for_meter or event.meter}"
        return (Unresolved(ExceptionCode.UNKNOWN_METER, reason, usage.for_meter),)
    return tuple(_resolved(usage, one, who, plans) for one in measured)


def _resolved(
    usage: AcceptedUsage, measured: Measurement | Unmeasurable, who: UsageAccount, plans: Mapping[PlanId, Plan]
) -> Enrichment:
    event, meter, account = usage.event, measured.meter.code, who.account
    if isinstance(measured, Unmeasurable):
        return Unresolved(ExceptionCode.UNMEASURABLE_USAGE, f"meter {meter}: {measured.reason}", meter)
    for contract, subscription, charge in _charges_at(event, account, plans):
        if _takes(charge, measured, contract.currency):
            return BillableUsage(
                accepted=usage,
                measurement=measured,
                customer_id=account.customer.customer_id,
                contract_id=contract.contract_id,
                subscription_id=subscription.subscription_id,
                product_id=charge.product_id,
                legal_entity_id=contract.legal_entity_id,
                used_by=who.used_by,
                region=who.region,
                entitlement=_advice(event.occurred_at, meter, account, plans),
            )
    dimensions = dict(measured.dimensions)
    of_money = f" in {dimensions[CURRENCY_DIMENSION]}" if CURRENCY_DIMENSION in dimensions else ""
    reason = f"no subscription of {account.customer.customer_id} charges for {meter}{of_money} at {event.occurred_at}"
    return Unresolved(ExceptionCode.NO_ACTIVE_SUBSCRIPTION, reason, meter)


def _advice(instant: datetime, meter: MeterCode, account: CustomerAccount, plans: Mapping[PlanId, Plan]) -> Decision:
    right = right_at(instant, meter, account=account, plans=plans)
    return (right if isinstance(right, Advice) else advise(right, Decimal(0))).decision


def _charges_at(
    event: UsageEvent, account: CustomerAccount, plans: Mapping[PlanId, Plan]
) -> Iterator[tuple[Contract, Subscription, Charge]]:
    for contract in account.contracts:
        if event.occurred_at in contract.active:
            for subscription in contract.subscriptions:
                if event.occurred_at in subscription.active:
                    for charge in plans[subscription.plan_id].charges:
                        yield contract, subscription, charge


def _takes(charge: Charge, measured: Measurement, currency: Currency) -> bool:
    return charge.meter == measured.meter.code and all(
        pair in measured.dimensions for pair in charge.charged_in(currency).match
    )
