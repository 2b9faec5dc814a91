"""Usage on its way to the ledger: admitted once at arrival, then enriched with who is billed for it."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.identifiers import ContractId, CustomerId, LegalEntityId, ProductId, SubscriptionId
from shared.domain.metering.meter import Aggregation
from shared.domain.usage.event import Delivery, Dimensions, UsageEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedUsage:
    """An event that was admitted. The verdict travels with it: nobody judges its age again.

    `group` is its home in the ledger, made of producer fields only.
    """

    delivery: Delivery
    received_at: datetime
    event: UsageEvent
    fingerprint: str  # 32 hex digits: 12 bytes of identity, 4 of content
    group: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillableUsage:
    """Accepted usage with the account that pays for it as of the event's time.

    `dimensions` are those the meter keeps, a part of the event's.
    """

    accepted: AcceptedUsage
    customer_id: CustomerId
    contract_id: ContractId
    subscription_id: SubscriptionId
    product_id: ProductId
    legal_entity_id: LegalEntityId
    aggregation: Aggregation
    dimensions: Dimensions
