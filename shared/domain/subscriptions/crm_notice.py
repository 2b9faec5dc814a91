"""What the CRM is told about a request to amend a contract, and how that may end."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from shared.domain.identifiers import ContractId, CustomerId, SubscriptionId
from shared.domain.subscriptions.amendment_request import AmendmentRequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmNotice:
    """Whether an amendment is in force for billing, or was withdrawn. Telling it again says the same."""

    request_id: AmendmentRequestId
    customer_id: CustomerId
    contract_id: ContractId
    subscription_id: SubscriptionId
    effective_at: datetime
    in_force: bool


@dataclass(frozen=True, slots=True)
class CrmTold:
    pass


@dataclass(frozen=True, slots=True)
class CrmRefused:
    """It will say the same to the same notice; a person has to change something."""

    reason: str


@dataclass(frozen=True, slots=True)
class CrmUnavailable:
    """It did not take the notice, or nobody knows: tell it again."""

    reason: str


Telling: TypeAlias = CrmTold | CrmRefused | CrmUnavailable
