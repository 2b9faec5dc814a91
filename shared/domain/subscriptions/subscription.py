"""A subscription: a plan, taken for a time, in a quantity that may change, with times in which no fee is due."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.domain.identifiers import PlanId, SubscriptionId
from shared.domain.master_data.customer import Dated, value_at
from shared.domain.time_period import Period

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A plan, taken from `active.start` until `active.end` (half-open, UTC, on window edges).

    `quantities` are its seats over time; without any it is one. No recurring fee is due before `trial_until`, nor in
    a pause. `came_of` is the position of the amendment that began it, None for one that was agreed with the contract.
    """

    subscription_id: SubscriptionId
    plan_id: PlanId
    active: Period
    quantities: tuple[Dated[Decimal], ...] = ()
    trial_until: datetime | None = None
    pauses: tuple[Period, ...] = ()
    came_of: int | None = None

    def quantity_at(self, instant: datetime) -> Decimal:
        quantity = value_at(self.quantities, instant)
        return _ONE if quantity is None else quantity

    def owes_fees_at(self, instant: datetime) -> bool:
        in_trial = self.trial_until is not None and instant < self.trial_until
        return instant in self.active and not in_trial and not any(instant in pause for pause in self.pauses)
