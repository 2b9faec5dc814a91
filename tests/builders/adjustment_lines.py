"""What Acme owes for calls and storage in October, and the lines that an adjustment `partner` makes of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId, SubscriptionId
from shared.domain.money import currency
from shared.domain.rating.adjustments.lines import AdjustmentKind, Applied, Due, RatedAdjustment, Scope
from shared.domain.subscriptions.proration import Share
from shared.domain.time_period import Period
from tests.builders.billing import EUR, OCTOBER, euros

DOLLAR = currency("USD")
PARTNER, STORAGE_ONLY = AdjustmentId("partner"), (ChargeId("storage"),)
PREPAID = ProductId("prepaid")
MID_OCTOBER = datetime(2026, 10, 15, tzinfo=UTC)
FIRST_HALF, SECOND_HALF = Period(OCTOBER.start, MID_OCTOBER), Period(MID_OCTOBER, OCTOBER.end)


def due(charge: str, product: str, amount: str) -> Due:
    return Due(
        name=f"s-acme/{charge}",
        subscription_id=SubscriptionId("s-acme"),
        charge_id=ChargeId(charge),
        product_id=ProductId(product),
        description=f"What {charge} cost",
        service_period=OCTOBER.period,
        amount=euros(amount),
    )


CALLS, STORAGE, REFUND = due("calls", "api", "60"), due("storage", "disk", "40"), due("refund", "api", "-25")
MINIMUM_OF_CONTRACT = Due(
    name="+floor",
    subscription_id=None,
    charge_id=None,
    product_id=ProductId("missing"),
    description="",
    service_period=OCTOBER.period,
    amount=euros("30"),
)
OF_CONTRACT = Scope(
    target="",
    subscription_id=None,
    charge_id=None,
    description="",
    service_period=OCTOBER.period,
    share=None,
    currency=EUR,
)
OF_CALLS = replace(
    OF_CONTRACT,
    target="s-acme/calls",
    subscription_id=CALLS.subscription_id,
    charge_id=CALLS.charge_id,
    description="What calls cost",
)
FOR_14_DAYS = replace(OF_CONTRACT, service_period=FIRST_HALF, share=Share(Decimal(14), Decimal(31), "days"))


def line(
    of: Due,
    kind: AdjustmentKind,
    amount: str,
    words: tuple[str, str],
    *,
    product: ProductId | None = None,
    of_charge: bool = False,
) -> RatedAdjustment:
    """Return a line of the adjustment `partner` on another line."""
    terms, arithmetic = words
    return RatedAdjustment(
        applied=Applied(adjustment_id=PARTNER, kind=kind, target=of.name, of_charge=of_charge),
        subscription_id=of.subscription_id,
        charge_id=of.charge_id,
        product_id=product or of.product_id,
        taxed_as=of.product_id,
        description=of.description,
        terms=terms,
        arithmetic=arithmetic,
        precise_amount=Decimal(amount),
        currency=EUR,
        service_period=of.service_period,
    )


def line_beside(
    scope: Scope, kind: AdjustmentKind, amount: str, words: tuple[str, str], *, service_period: Period | None = None
) -> RatedAdjustment:
    """Return a line of the adjustment `partner` beside all others, of the product `missing`."""
    terms, arithmetic = words
    return RatedAdjustment(
        applied=Applied(adjustment_id=PARTNER, kind=kind, target=scope.target, of_charge=bool(scope.target)),
        subscription_id=scope.subscription_id,
        charge_id=scope.charge_id,
        product_id=ProductId("missing"),
        taxed_as=ProductId("missing"),
        description=scope.description,
        terms=terms,
        arithmetic=arithmetic,
        precise_amount=Decimal(amount),
        currency=EUR,
        service_period=service_period or scope.service_period,
    )


def amounts(lines: Iterable[RatedAdjustment]) -> dict[str, str]:
    return {one.applied.target: f"{one.amount.amount}" for one in lines}
