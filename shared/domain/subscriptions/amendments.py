"""What becomes of the subscriptions of a contract by its amendments: all of them, or none and every reason why not.

A change of plan ends the subscription and begins another one, named by the day: so each has lines, prices and shares of
its own. All else changes the subscription that is in force.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from typing import TypeAlias, assert_never
from zoneinfo import ZoneInfo

from shared.domain.identifiers import SubscriptionId
from shared.domain.master_data.customer import Dated
from shared.domain.subscriptions.amendment import (
    Amendment,
    Cancellation,
    Change,
    Downgrade,
    Pause,
    QuantityChange,
    Renewal,
    Resumption,
    Upgrade,
)
from shared.domain.subscriptions.subscription import Subscription
from shared.domain.time_period import Period


class WhyRefused(StrEnum):
    UNKNOWN_SUBSCRIPTION = "unknown subscription"
    OUT_OF_TIME = "out of time"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one amendment cannot be, by its position."""

    position: int
    why: WhyRefused
    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    refusals: tuple[Refusal, ...]


class _Aspect(StrEnum):
    """What a change is about; in this order those of one instant take effect."""

    PLAN = "1 plan"
    TERM = "2 term"
    QUANTITY = "3 quantity"
    ACTIVITY = "4 activity"


_Numbered: TypeAlias = tuple[int, Amendment]


def amended(
    agreed: Sequence[Subscription], amendments: Sequence[Amendment], *, contract: Period, zone: ZoneInfo
) -> tuple[Subscription, ...] | Refused:
    """Return the subscriptions as they are in force: those agreed, then those that changes of plan began.

    `contract` is when the contract is in force, `zone` that of the customer, whose days decide what is on one day.
    """
    refusals = list(_on_one_day(amendments, zone))
    contradicting = {one.position for one in refusals}
    chains = {one.subscription_id: [one] for one in agreed}
    for position, amendment in sorted(enumerate(amendments), key=_order):
        chain = chains.get(amendment.subscription_id)
        refusal = _why_not(amendment, chain, contract)
        if refusal is not None:
            refusals.append(Refusal(position, *refusal))
        elif chain is not None and position not in contradicting:
            chain[-1:] = _amended(chain[-1], position, amendment, zone)
    if refusals:
        return Refused(tuple(sorted(refusals, key=lambda one: one.position)))
    return (*(chain[0] for chain in chains.values()), *(one for chain in chains.values() for one in chain[1:]))


def _order(numbered: _Numbered) -> tuple[datetime, _Aspect, int]:
    position, amendment = numbered
    return amendment.effective_at, _aspect(amendment.change), position


def _aspect(change: Change) -> _Aspect:
    match change:
        case Upgrade() | Downgrade():
            return _Aspect.PLAN
        case Renewal() | Cancellation():
            return _Aspect.TERM
        case QuantityChange():
            return _Aspect.QUANTITY
        case Pause() | Resumption():
            return _Aspect.ACTIVITY
        case _ as never:
            assert_never(never)


def _on_one_day(amendments: Sequence[Amendment], zone: ZoneInfo) -> Iterator[Refusal]:
    """Refuse the later written of two that contradict each other on one day: their order would decide by accident."""
    for (_, one), (position, other) in combinations(enumerate(amendments), 2):
        day = other.effective_at.astimezone(zone).date()
        is_of_one_day = one.effective_at.astimezone(zone).date() == day
        if is_of_one_day and one.subscription_id == other.subscription_id and _contradict(one.change, other.change):
            message = f"another amendment of {other.subscription_id} on {day} says something else"
            yield Refusal(position, WhyRefused.CONTRADICTION, message)


def _contradict(one: Change, other: Change) -> bool:
    return _aspect(one) is _aspect(other) or isinstance(one, Cancellation) or isinstance(other, Cancellation)


def _why_not(
    amendment: Amendment, chain: Sequence[Subscription] | None, contract: Period
) -> tuple[WhyRefused, str] | None:
    at, name = amendment.effective_at, amendment.subscription_id
    if chain is None:
        return WhyRefused.UNKNOWN_SUBSCRIPTION, f"{name!r} is not a subscription of the contract"
    if at <= contract.start:
        return WhyRefused.OUT_OF_TIME, f"it takes effect at {at.isoformat()}, not after the contract's start"
    if at <= chain[0].active.start:
        return WhyRefused.OUT_OF_TIME, f"it takes effect at {at.isoformat()}, not after the start of {name}"
    current = chain[-1]
    if isinstance(amendment.change, Renewal):
        return _why_not_renewed(amendment.change, at, current)
    if current.active.end is not None and at >= current.active.end:
        return WhyRefused.OUT_OF_TIME, f"{name} has ended by {at.isoformat()}"
    contradiction = _contradiction(amendment.change, current, at)
    return (WhyRefused.CONTRADICTION, contradiction) if contradiction else None


def _why_not_renewed(renewal: Renewal, at: datetime, current: Subscription) -> tuple[WhyRefused, str] | None:
    if current.active.end != at:
        ends = current.active.end.isoformat() if current.active.end else "never"
        return WhyRefused.OUT_OF_TIME, f"a renewal takes effect when the term ends, which is {ends}"
    if renewal.until is not None and renewal.until <= at:
        return WhyRefused.OUT_OF_TIME, f"a renewal until {renewal.until.isoformat()} ends before it begins"
    return None


def _contradiction(change: Change, current: Subscription, at: datetime) -> str:
    is_paused = any(at in pause for pause in current.pauses)
    match change:
        case Upgrade(plan_id) | Downgrade(plan_id) if plan_id == current.plan_id:
            return f"it is on plan {plan_id} already"
        case Pause() if is_paused:
            return "it is paused already"
        case Resumption() if not is_paused:
            return "it is not paused"
        case _:
            return ""


def _amended(current: Subscription, position: int, amendment: Amendment, zone: ZoneInfo) -> list[Subscription]:
    at = amendment.effective_at
    match amendment.change:
        case Upgrade(plan_id) | Downgrade(plan_id):
            name = SubscriptionId(f"{amendment.subscription_id}@{at.astimezone(zone).date()}")
            active = Period(at, current.active.end)
            following = replace(current, subscription_id=name, plan_id=plan_id, active=active, came_of=position)
            return [_ended(current, at), following]
        case QuantityChange(quantity):
            return [replace(current, quantities=_then(current, quantity, at))]
        case Renewal(until):
            return [replace(current, active=Period(current.active.start, until))]
        case Pause():
            return [replace(current, pauses=(*current.pauses, Period(at, None)))]
        case Resumption():
            return [replace(current, pauses=(*current.pauses[:-1], Period(current.pauses[-1].start, at)))]
        case Cancellation():
            return [_ended(current, at)]
        case _ as never:
            assert_never(never)


def _ended(current: Subscription, at: datetime) -> Subscription:
    return replace(current, active=Period(current.active.start, at))


def _then(current: Subscription, quantity: Decimal, at: datetime) -> tuple[Dated[Decimal], ...]:
    before = current.quantities or (Dated(current.quantity_at(at), Period(current.active.start, None)),)
    until = tuple(Dated(one.value, Period(one.valid.start, at)) for one in before[-1:] if one.valid.start < at)
    return (*before[:-1], *until, Dated(quantity, Period(at, None)))
