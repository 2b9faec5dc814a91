"""Usage as it is counted: measured, and enriched with who is billed for it."""

from dataclasses import dataclass

from shared.domain.entitlement.decision import Decision
from shared.domain.identifiers import ContractId, CustomerId, LegalEntityId, ProductId, SubscriptionId
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.measurement import Measurement


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
