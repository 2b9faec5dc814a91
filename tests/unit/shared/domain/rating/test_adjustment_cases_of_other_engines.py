"""Cases of other billing engines for discounts, coupons, minimums, maximums and commitments.

The folder with rating_cases.json is named by U2C_CASES_DIR; without it there is nothing to run. What is not offered is
listed here with its reason and never left out in silence. Others bill within a period: there, ours is the difference of
two ratings of the whole, as it is for late usage.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId, SubscriptionId
from shared.domain.money import Money, currency, total
from shared.domain.rating.adjustments import (
    ChargeAdjustment,
    ContractAdjustment,
    Credit,
    FixedDiscount,
    Maximum,
    Minimum,
    PercentageDiscount,
    UsageDiscount,
)
from shared.domain.rating.adjustments.lines import Due, RatedAdjustment, Scope, after
from shared.domain.rating.adjustments.minimum import minimum
from shared.domain.rating.adjustments.usage_discount import free_units
from shared.domain.rating.settlement import Carried, adjust_charge, settle
from shared.domain.subscriptions.proration import Share
from tests.builders.billing import ALWAYS, BERLIN, OCTOBER, contract, usage_charge
from tests.builders.rating_cases import CASES_DIR, amount_of, is_of_an_adjustment, model_of

OF_THE_INVOICE = {"discount", "coupons", "discount_distribution"}
TRUE_UP = "commitment_true_up"
OTHERS = {"commitment", "windowed_commitment", "cumulative_commitment", "invoice_discount_tax"}
# Each is a rule of another engine which this project does not have, and why.
NOT_OFFERED = {
    "fp-wcommit-04": "a commitment is an amount for a term, not a number of units for each hour of the day",
    "om-rate-070": "a maximum is an amount that can be invoiced: none has a tenth of a cent",
}
MISSING = ProductId("missing")


def every_case() -> list[dict[str, Any]]:
    if not CASES_DIR:
        return []
    every: list[dict[str, Any]] = json.loads((Path(CASES_DIR) / "rating_cases.json").read_text())
    models = {*OF_THE_INVOICE, TRUE_UP, *OTHERS}
    return [case for case in every if case["model"] in models or is_of_an_adjustment(case)]


def cases(*models: str) -> list[Any]:
    return [
        pytest.param(case, id=case["id"])
        for case in every_case()
        if case["id"] not in NOT_OFFERED and (case["model"] in models if models else is_of_an_adjustment(case))
    ]


OF_A_CHARGE = [case for case in cases() if case.values[0]["model"] not in OF_THE_INVOICE]
OF_DISCOUNTS, OF_COUPONS, OF_ITEMS = cases("discount"), cases("coupons"), cases("discount_distribution")
OF_TRUE_UPS = cases(TRUE_UP)
RUN = (OF_A_CHARGE, OF_DISCOUNTS, OF_COUPONS, OF_ITEMS, OF_TRUE_UPS)


@pytest.mark.skipif(not CASES_DIR, reason="U2C_CASES_DIR names no folder of cases")
def test_every_case_is_run_or_has_its_reason() -> None:
    run = {param.id for params in RUN for param in params}

    assert run == {case["id"] for case in every_case()} - set(NOT_OFFERED)
    assert len(run) > 30


def named(name: str) -> AdjustmentId:
    return AdjustmentId(name)


def due(amount: Money, name: str = "s/charge") -> Due:
    return Due(
        name=name,
        subscription_id=SubscriptionId("s"),
        charge_id=ChargeId("charge"),
        product_id=ProductId("api"),
        description="",
        service_period=OCTOBER.period,
        amount=amount.rounded(),
    )


def scope(code: str, share: Share | None = None) -> Scope:
    return Scope(
        target="s/charge",
        subscription_id=SubscriptionId("s"),
        charge_id=ChargeId("charge"),
        description="",
        service_period=OCTOBER.period,
        share=share,
        currency=currency(code),
    )


def agreed(of: Mapping[str, Any], code: str, *, period_ends: bool) -> tuple[ChargeAdjustment, ...]:
    found: list[ChargeAdjustment] = []
    unit = currency(code)
    if free := of.get("usage_discount") or of.get("free_units"):
        found.append(UsageDiscount(adjustment_id=named("free"), valid=ALWAYS, units=Decimal(free)))
    if "percentage_discount" in of:
        percent = Decimal(of["percentage_discount"])
        found.append(PercentageDiscount(adjustment_id=named("off"), valid=ALWAYS, percent=percent))
    if "minimum_amount" in of and period_ends:
        least = (Money(Decimal(of["minimum_amount"]), unit),)
        found.append(Minimum(adjustment_id=named("least"), valid=ALWAYS, amounts=least, product_id=MISSING))
    if "maximum_amount" in of:
        most = (Money(Decimal(of["maximum_amount"]), unit),)
        found.append(Maximum(adjustment_id=named("most"), valid=ALWAYS, amounts=most))
    return tuple(found)


def of_the_period(case: dict[str, Any], usage: Decimal, *, period_ends: bool) -> Money:
    """Return what the charge comes to once the period has so much usage."""
    adjustments = agreed(case["properties"], case["currency"], period_ends=period_ends)
    free = sum((free_units(one, usage) for one in adjustments if isinstance(one, UsageDiscount)), Decimal(0))
    rated = due(Money(amount_of(str(usage - free), model_of(case)), currency(case["currency"])))
    lines = adjust_charge(
        replace(usage_charge(), adjustments=adjustments), [rated], scope(case["currency"]), OCTOBER.start
    )
    return total((one.amount for one in after([rated], lines)), rated.amount.currency)


@pytest.mark.parametrize("case", OF_A_CHARGE)
def test_a_charge_with_its_adjustments_comes_to_what_others_say(case: dict[str, Any]) -> None:
    context, unit = case.get("context", {}), currency(case["currency"])
    before, ends = Decimal(context.get("usage_before_line", 0)), context.get("position_in_period") != "mid_period"
    known = context.get("previously_billed_amount")
    billed = Money.zero(unit) if not before else of_the_period(case, before, period_ends=False)
    if known is not None:
        billed = Money(Decimal(known), unit)

    amount = of_the_period(case, before + Decimal(case["usage"]), period_ends=ends) - billed

    assert amount.amount == Decimal(case["expected_amount"])


def of_the_contract(
    items: Sequence[Money], adjustments: Sequence[ContractAdjustment], carried: Carried
) -> tuple[tuple[Due, ...], tuple[RatedAdjustment, ...]]:
    """Return what is due on each item in the end, and the lines that lowered it."""
    dues = [due(item, f"s/{number}") for number, item in enumerate(items)]
    lines = settle(
        replace(contract(), currency=items[0].currency, adjustments=tuple(adjustments)),
        dues,
        OCTOBER.period,
        zone=BERLIN,
        carried=carried,
    )
    return after(dues, lines), lines


@pytest.mark.parametrize("case", OF_DISCOUNTS)
def test_a_discount_is_what_others_say_and_never_more_than_the_price(case: dict[str, Any]) -> None:
    of, price = case["properties"], Money(Decimal(case["usage"]), currency(case["currency"]))
    discount: ContractAdjustment
    if "percentage_discount" in of:
        percent = Decimal(of["percentage_discount"])
        discount = PercentageDiscount(adjustment_id=named("off"), valid=ALWAYS, percent=percent)
    else:
        fixed = Money(Decimal(of["fixed_discount"]), price.currency)
        discount = FixedDiscount(adjustment_id=named("off"), valid=ALWAYS, amount=fixed)

    ((left,), lines) = of_the_contract([price], [discount], {})

    assert -total((line.amount for line in lines), price.currency).amount == Decimal(case["expected_discount"])
    if case["expected_amount"] is not None:
        assert left.amount.amount == Decimal(case["expected_amount"])


@pytest.mark.parametrize("case", OF_COUPONS)
def test_coupons_take_off_what_others_say(case: dict[str, Any]) -> None:
    """A coupon that goes on until it is used up is a credit here."""
    price = Money(Decimal(case["usage"]), currency(case["currency"]))
    coupons: list[ContractAdjustment] = []
    carried: dict[AdjustmentId, Money] = {}
    for number, coupon in enumerate(case["properties"]["coupons"]):
        name, amount = named(f"coupon-{number}"), Money(Decimal(coupon["amount"]), price.currency)
        if "already_used" in coupon:
            coupons.append(Credit(adjustment_id=name, valid=ALWAYS, amount=amount))
            carried[name] = Money(Decimal(coupon["already_used"]), price.currency)
        else:
            coupons.append(FixedDiscount(adjustment_id=name, valid=ALWAYS, amount=amount))

    _, lines = of_the_contract([price], coupons, carried)

    assert -total((line.amount for line in lines), price.currency).amount == Decimal(case["expected_discount"])


@pytest.mark.parametrize("case", OF_ITEMS)
def test_a_discount_is_spread_over_items_as_others_do(case: dict[str, Any]) -> None:
    unit = currency(case["currency"])
    items = [Money(Decimal(item), unit) for item in case["properties"]["items"]]
    discount = FixedDiscount(adjustment_id=named("off"), valid=ALWAYS, amount=Money(Decimal(case["usage"]), unit))

    dues, _ = of_the_contract(items, [discount], {})

    assert [one.amount.amount for one in dues] == [Decimal(item) for item in case["expected_items"]]


@pytest.mark.parametrize("case", OF_TRUE_UPS)
def test_what_is_missing_to_a_prorated_minimum_is_what_others_call_a_true_up(case: dict[str, Any]) -> None:
    of, unit = case["properties"], currency(case["currency"])
    part, _, whole = of["period_fraction"].partition("/")
    share = Share(Decimal(part), Decimal(whole), "days") if whole else None
    least = Minimum(
        adjustment_id=named("least"),
        valid=ALWAYS,
        amounts=(Money(Decimal(of["commitment_amount"]), unit),),
        product_id=MISSING,
    )

    (line,) = minimum(least, [due(Money(Decimal(case["usage"]), unit))], scope(case["currency"], share))

    assert line.amount.amount == Decimal(case["expected_amount"])


@pytest.mark.parametrize("case", [pytest.param(one, id=one["id"]) for one in every_case() if one["id"] in NOT_OFFERED])
def test_what_is_not_offered_has_its_reason(case: dict[str, Any]) -> None:
    pytest.skip(NOT_OFFERED[case["id"]])
