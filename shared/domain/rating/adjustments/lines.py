"""What price adjustments work on and yield: rounded amounts of lines, and lines of their own.

A line's name says what it is within its billing period: `s-acme/api-calls` is a charge, `s-acme/api-calls+partner` what
the adjustment `partner` takes off it, `+floor` what the contract's adjustment `floor` adds. `+` is in no id.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId, SubscriptionId
from shared.domain.money import Currency, Money
from shared.domain.subscriptions.proration import Share
from shared.domain.time_period import Period


class AdjustmentKind(StrEnum):
    """Why a price adjustment made a line, in the order in which they are applied."""

    PERCENTAGE_DISCOUNT = "percentage_discount"
    FIXED_DISCOUNT = "fixed_discount"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    OVERAGE = "overage"
    TRUE_UP = "true_up"
    CREDIT = "credit"
    CREDIT_BALANCE = "credit_balance"

    @property
    def lowers(self) -> bool:
        """Whether its lines take something off another line; the others are due beside it."""
        return self not in _ADDED


_ADDED = frozenset({AdjustmentKind.MINIMUM, AdjustmentKind.OVERAGE, AdjustmentKind.TRUE_UP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """Which price adjustment made a line, and of which: with the service period, that is the line's identity.

    `target` is the name of the line that it concerns, empty for the whole contract. `of_charge` tells an adjustment of
    the plan's charge from one of the contract.
    """

    adjustment_id: AdjustmentId
    kind: AdjustmentKind
    target: str
    of_charge: bool = False

    @property
    def name(self) -> str:
        return f"{self.target}+{self.adjustment_id}"


def charge_line(name: str) -> str:
    """Return the name of the line of the charge that a line belongs to; empty for one of the whole contract."""
    return name.partition("+")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a line comes to, as far as the adjustments before have come. `amount` is rounded.

    Without subscription and charge it is of the whole contract. `by_time` says how a usage charge came together: the
    unrounded amount of each part of its service period, in order; empty where nobody asked.
    """

    name: str
    subscription_id: SubscriptionId | None
    charge_id: ChargeId | None
    product_id: ProductId
    description: str
    service_period: Period
    amount: Money
    by_time: tuple[tuple[Period, Decimal], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an adjustment is applied to in one billing period: a charge, by its line's name, or the whole contract.

    `service_period` is the part of the billing period in which it was active, `share` which part that is by local days
    (None: all of it).
    """

    target: str
    subscription_id: SubscriptionId | None
    charge_id: ChargeId | None
    description: str
    service_period: Period
    share: Share | None
    currency: Currency

    @property
    def of_charge(self) -> bool:
        return bool(self.target)

    def prorated(self, amount: Money) -> Money:
        """Return the share of an amount that is agreed for a whole billing period, rounded."""
        return Money(self.share.of(amount.amount), amount.currency).rounded() if self.share else amount.rounded()

    def for_share(self) -> str:
        return f" for {self.share}" if self.share else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedAdjustment:
    """A line of a price adjustment. `precise_amount` is unrounded; the line is rounded once, as every line is.

    `product_id` says where it is booked. It is taxed as the product `taxed_as`, which is that of what it lowers.
    """

    applied: Applied
    subscription_id: SubscriptionId | None
    charge_id: ChargeId | None
    product_id: ProductId
    taxed_as: ProductId
    description: str
    terms: str  # the adjustment in words
    arithmetic: str  # how it comes to its amount
    precise_amount: Decimal
    currency: Currency
    service_period: Period

    @property
    def name(self) -> str:
        return self.applied.name

    @property
    def amount(self) -> Money:
        return Money(self.precise_amount, self.currency).rounded()


def of_line(
    due: Due,
    applied: Applied,
    *,
    precise_amount: Decimal,
    terms: str,
    arithmetic: str,
    product_id: ProductId | None = None,
) -> RatedAdjustment:
    """Return a line that goes with another one: of its charge and service period, by default of its product, too."""
    return RatedAdjustment(
        applied=applied,
        subscription_id=due.subscription_id,
        charge_id=due.charge_id,
        product_id=product_id or due.product_id,
        taxed_as=due.product_id,
        description=due.description,
        terms=terms,
        arithmetic=arithmetic,
        precise_amount=precise_amount,
        currency=due.amount.currency,
        service_period=due.service_period,
    )


def of_scope(
    scope: Scope,
    adjustment_id: AdjustmentId,
    kind: AdjustmentKind,
    amount: Money,
    *,
    terms: str,
    arithmetic: str,
    product_id: ProductId,
    service_period: Period | None = None,
) -> RatedAdjustment:
    """Return a line that is due beside all others of a scope, of a product of its own."""
    return RatedAdjustment(
        applied=Applied(adjustment_id=adjustment_id, kind=kind, target=scope.target, of_charge=scope.of_charge),
        subscription_id=scope.subscription_id,
        charge_id=scope.charge_id,
        product_id=product_id,
        taxed_as=product_id,
        description=scope.description,
        terms=terms,
        arithmetic=arithmetic,
        precise_amount=amount.amount,
        currency=scope.currency,
        service_period=service_period or scope.service_period,
    )


def after(dues: Iterable[Due], lines: Collection[RatedAdjustment]) -> tuple[Due, ...]:
    """Return what is due once the lines are taken off what they lower; what they add comes last."""
    lowered: dict[str, list[Money]] = defaultdict(list)
    for line in lines:
        if line.applied.kind.lowers:
            lowered[line.applied.target].append(line.amount)
    return (*(_with(due, lowered[due.name]) for due in dues), *(_due(line) for line in lines if not _lowers(line)))


def concerned(dues: Iterable[Due], charges: Collection[ChargeId]) -> tuple[Due, ...]:
    """Return what is due for these charges; for everything where none is named."""
    return tuple(due for due in dues if not charges or due.charge_id in charges)


def shares(amount: Money, over: Iterable[Due]) -> Iterable[tuple[Due, Money]]:
    """Split an amount over what is due, by largest remainder; what is due for nothing or less takes no share."""
    positive = [due for due in over if due.amount.amount > 0]
    if not positive or not amount.amount:
        return
    parts = amount.allocate([due.amount.amount for due in positive])
    yield from ((due, part) for due, part in zip(positive, parts, strict=True) if part.amount)


def positive_total(dues: Iterable[Due], currency: Currency) -> Money:
    """Sum what is due for more than nothing."""
    whole = Money.zero(currency)
    for due in dues:
        if due.amount.amount > 0:
            whole += due.amount
    return whole


def _with(due: Due, changes: Iterable[Money]) -> Due:
    amount = due.amount
    for change in changes:
        amount += change
    return due if amount == due.amount else replace(due, amount=amount)


def _lowers(line: RatedAdjustment) -> bool:
    return line.applied.kind.lowers


def _due(line: RatedAdjustment) -> Due:
    return Due(
        name=line.name,
        subscription_id=line.subscription_id,
        charge_id=line.charge_id,
        product_id=line.product_id,
        description=line.description,
        service_period=line.service_period,
        amount=line.amount,
    )
