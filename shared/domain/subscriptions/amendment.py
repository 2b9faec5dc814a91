"""An amendment: what changed about a subscription that was agreed, from a day on. One that lies ahead is scheduled."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from shared.domain.identifiers import PlanId, SubscriptionId


@dataclass(frozen=True, slots=True)
class Upgrade:
    plan_id: PlanId


@dataclass(frozen=True, slots=True)
class Downgrade:
    plan_id: PlanId


@dataclass(frozen=True, slots=True)
class QuantityChange:
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Renewal:
    """A new term, from the day on which the one before it ends. `until` None is without an end."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class Pause:
    """No recurring fee is due until it is resumed. What is used meanwhile is charged as ever."""


@dataclass(frozen=True, slots=True)
class Resumption:
    pass


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The first instant that is out."""


Change: TypeAlias = Upgrade | Downgrade | QuantityChange | Renewal | Pause | Resumption | Cancellation


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """`subscription_id` is the name under which the subscription was agreed, whatever became of it since."""

    subscription_id: SubscriptionId
    effective_at: datetime
    change: Change
