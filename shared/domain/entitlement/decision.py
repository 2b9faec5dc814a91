"""Decide whether a customer may use a meter or a feature at an instant. A pure function of plans and usage so far."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from shared.domain.entitlement.entitlement import FeatureEntitlement, MeterEntitlement
from shared.domain.identifiers import PlanId
from shared.domain.master_data.catalog import Contract, CustomerAccount, Plan
from shared.domain.money import EXACT


class Decision(StrEnum):
    ENTITLED = "entitled"
    OVERAGE = "overage"
    NOT_ENTITLED = "not_entitled"


class Reason(StrEnum):
    UNLIMITED = "unlimited"
    WITHIN_LIMIT = "within_limit"
    LIMIT_REACHED = "limit_reached"
    NOT_IN_PLAN = "not_in_plan"
    NO_ACTIVE_SUBSCRIPTION = "no_active_subscription"


@dataclass(frozen=True, slots=True)
class Right:
    """What all active subscriptions give together: limits add up, and one without a limit is enough.

    A limit holds in a billing period of `contract`; all contracts that limit the same are billed alike.
    """

    limit: Decimal | None
    overage: bool
    contract: Contract | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The decision and what it rests on; `limit`, `used` and `remaining` (of a limit) are None without a limit."""

    decision: Decision
    reason: Reason
    limit: Decimal | None = None
    used: Decimal | None = None
    remaining: Decimal | None = None


def right_at(instant: datetime, name: str, *, account: CustomerAccount, plans: Mapping[PlanId, Plan]) -> Right | Advice:
    """Return the right to use a meter or feature at an instant, or the refusal when no usage could change it."""
    active = list(_active(instant, account, plans))
    if not active:
        return Advice(decision=Decision.NOT_ENTITLED, reason=Reason.NO_ACTIVE_SUBSCRIPTION)
    rights = [(right, contract) for contract, plan in active if (right := _right_of(plan, name)) is not None]
    if not rights:
        return Advice(decision=Decision.NOT_ENTITLED, reason=Reason.NOT_IN_PLAN)
    total = Decimal(0)
    for right, _ in rights:
        if right.limit is None:
            return Right(None, overage=True)
        total = EXACT.add(total, right.limit)
    return Right(total, overage=any(right.overage for right, _ in rights), contract=rights[0][1])


def advise(right: Right, used: Decimal) -> Advice:
    """Decide on the next use, after `used` in the billing period so far."""
    if right.limit is None:
        return Advice(decision=Decision.ENTITLED, reason=Reason.UNLIMITED)
    decision, reason = Decision.ENTITLED, Reason.WITHIN_LIMIT
    if used >= right.limit:
        decision, reason = Decision.OVERAGE if right.overage else Decision.NOT_ENTITLED, Reason.LIMIT_REACHED
    remaining = max(EXACT.subtract(right.limit, used), Decimal(0))
    return Advice(decision=decision, reason=reason, limit=right.limit, used=used, remaining=remaining)


def _active(
    instant: datetime, account: CustomerAccount, plans: Mapping[PlanId, Plan]
) -> Iterator[tuple[Contract, Plan]]:
    for contract in account.contracts:
        if instant in contract.active:
            for subscription in contract.subscriptions:
                if instant in subscription.active:
                    yield contract, plans[subscription.plan_id]


def _right_of(plan: Plan, name: str) -> Right | None:
    for entitlement in plan.entitlements:
        if entitlement.name == name:
            match entitlement:
                case MeterEntitlement(limit=limit, overage=overage):
                    return Right(limit, overage)
                case FeatureEntitlement():
                    return Right(None, overage=True)
                case _ as never:
                    assert_never(never)
    # A plan that has a price for a meter and says no more about it sells as much as is used.
    return Right(None, overage=True) if any(charge.meter == name for charge in plan.charges) else None
