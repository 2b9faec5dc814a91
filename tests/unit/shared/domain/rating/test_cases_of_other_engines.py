"""Cases that other billing engines assert in their own tests, for the charge models offered now.

The folder with rating_cases.json is named by U2C_CASES_DIR; without it there is nothing to run. What this project
does not offer yet is listed here with its reason and never left out in silence. One rule differs: the first tier's
flat amount is always due, also where a case says `first_flat_at_zero_usage: false`; none of those is without usage.
"""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.domain.money import EXACT, Money, currency
from shared.domain.rating.charge_models import ChargeModel, Flat, Graduated, PerUnit, Tier
from shared.domain.rating.rate import rate

CASES_DIR = os.environ.get("U2C_CASES_DIR", "")
OFFERED = {"flat", "per_unit", "graduated"}

NOT_OFFERED_YET = {
    "minimum_amount": "minimums are an adjustment after rating",
    "maximum_amount": "maximums are an adjustment after rating",
    "percentage_discount": "discounts are an adjustment after rating",
    "usage_discount": "usage discounts are an adjustment before rating",
    "free_units": "free units are an adjustment before rating",
    "unit_conversion": "units are converted by adjustments before rating",
}
ONE_RATING_A_PERIOD = "bills within a period; here a charge is rated once, on the whole period"


def cases() -> list[dict[str, Any]]:
    if not CASES_DIR:
        return []
    every: list[dict[str, Any]] = json.loads((Path(CASES_DIR) / "rating_cases.json").read_text())
    return [case for case in every if case["model"] in OFFERED]


def why_not(case: dict[str, Any]) -> str:
    """Return why a case is not run, or nothing."""
    properties = set(case["properties"])
    for tier in case["properties"].get("tiers", []):
        properties |= set(tier)
    adjustments = [reason for name, reason in NOT_OFFERED_YET.items() if name in properties]
    if adjustments:
        return adjustments[0]
    if case.get("context", {}).get("position_in_period") in {"mid_period", "last_in_period"}:
        return ONE_RATING_A_PERIOD
    return ""


def model_of(case: dict[str, Any]) -> ChargeModel:
    properties = case["properties"]
    match case["model"]:
        case "flat":
            return Flat(Decimal(properties["amount"]))
        case "per_unit":
            return PerUnit(Decimal(properties["unit_amount"]))
        case _:
            return Graduated(tuple(tier_of(tier) for tier in properties["tiers"]))


def tier_of(tier: dict[str, Any]) -> Tier:
    return Tier(
        up_to=None if tier["up_to"] is None else Decimal(tier["up_to"]),
        unit_price=Decimal(tier.get("unit_amount") or 0),
        flat_amount=Decimal(tier.get("flat_amount") or 0),
    )


def amount_of(quantity: str, model: ChargeModel) -> Decimal:
    amount = Decimal(0)
    for part in rate(usage=Decimal(quantity), model=model):
        amount = EXACT.add(amount, part.amount)
    return amount


def named(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in cases]


@pytest.mark.skipif(not CASES_DIR, reason="U2C_CASES_DIR names no folder of cases")
def test_the_cases_are_there() -> None:
    assert len(cases()) > 40


@pytest.mark.parametrize("case", named([case for case in cases() if not why_not(case) and "phases" not in case]))
def test_a_quantity_costs_what_others_say(case: dict[str, Any]) -> None:
    model, expected = model_of(case), Decimal(case["expected_amount"])

    amount = amount_of(case["usage"], model)

    assert amount == expected
    if "expected_rounded" in case:
        unit = currency(case["currency"])
        assert Money(amount, unit).rounded() == Money(Decimal(case["expected_rounded"]), unit).rounded()
    for group, part in case.get("expected_parts", {}).items():
        assert amount_of(case["usage_by_unit"][group], model) == Decimal(part)


@pytest.mark.parametrize("case", named([case for case in cases() if not why_not(case) and "phases" in case]))
def test_the_whole_period_costs_what_others_bill_in_phases(case: dict[str, Any]) -> None:
    """Here a period is rated once, on its last cumulative usage: it must come to the sum of their phases."""
    unit = currency(case["currency"])

    amount = Money(amount_of(case["phases"][-1]["cumulative_usage"], model_of(case)), unit).rounded()

    assert amount == Money(Decimal(case["expected_amount"]), unit).rounded()


@pytest.mark.parametrize("case", named([case for case in cases() if why_not(case)]))
def test_what_is_not_offered_has_its_reason(case: dict[str, Any]) -> None:
    pytest.skip(why_not(case))
