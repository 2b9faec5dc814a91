"""The answer to a product that asks whether something may be used now."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.entitlement.decision import Advice
from shared.domain.identifiers import CustomerId
from shared.domain.master_data.freshness import VersionInUse
from shared.domain.metering.reading import UsageSoFar
from shared.domain.time_period import BillingPeriod


class WhenUnknown(StrEnum):
    """What a product is to do when there is no answer: a policy of the tenant, told with every answer."""

    ALLOW = "allow"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementAnswer:
    """The advice with what it rests on. `usage` was read only where there is a limit to compare it with."""

    advice: Advice
    customer_id: CustomerId  # whose plans and usage decide: who is billed
    period: BillingPeriod
    master_data: VersionInUse
    usage: UsageSoFar | None
