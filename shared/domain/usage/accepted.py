"""Usage on its way to the ledger: admitted once at arrival, then enriched with who is billed for it."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.entitlement.decision import Decision
from shared.domain.identifiers import ContractId, CustomerId, LegalEntityId, MeterCode, ProductId, SubscriptionId
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.measurement import Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedUsage:
    """An event that was admitted. The verdict travels with it: nobody judges its age again.

    `group` is its home in the ledger, made of producer fields only. Put back after it had waited for one meter alone,
    it is for that meter; else for every meter of its event.
    """

    delivery: Delivery
    received_at: datetime
    event: UsageEvent
    fingerprint: str  # 32 hex digits: 12 bytes of identity, 4 of content
    group: int
    for_meter: MeterCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillableUsage:
    """What one meter measures of accepted usage, with the account that pays for it as of the event's time.

    `entitlement` is advice, told from plans alone: whether the very first use of a period is included. Nothing of what
    is counted depends on it, on `used_by` or on `region`.
    """

    accepted: AcceptedUsage
    measurement: Measurement
    customer_id: CustomerId
    contract_id: ContractId
    subscription_id: SubscriptionId
    product_id: ProductId
    legal_entity_id: LegalEntityId
    used_by: CustomerId
    region: str
    entitlement: Decision
