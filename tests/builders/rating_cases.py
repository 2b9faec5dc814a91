"""Cases that other billing engines assert in their own tests, read as models and amounts of ours.

The folder with rating_cases.json is named by U2C_CASES_DIR; without it there is nothing to run. What is not offered is
listed here with its reason and never left out in silence. Discounts, minimums, maximums and commitments, which follow
a charge model, have a module of their own, and so has tax.
"""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.domain.money import Money, currency, exact_sum
from shared.domain.rating.charge_models import (
    BlockTier,
    ChargeModel,
    Dynamic,
    Flat,
    Graduated,
    GraduatedBlocks,
    GraduatedPercentage,
    GraduatedProrated,
    Package,
    PackageRounding,
    Percentage,
    PerUnit,
    PreRated,
    RateTier,
    StairstepByUnit,
    Tier,
    UnitStep,
    Volume,
    VolumeBlocks,
)
from shared.domain.rating.rate import rate
from shared.domain.rating.usage import ChargedUsage

CASES_DIR = os.environ.get("U2C_CASES_DIR", "")
HUNDRED = Decimal(100)

ELSEWHERE = {"discount", "coupons", "discount_distribution", "commitment_true_up", "windowed_commitment", "tax"}
OF_MONEY = {"rounding", "subtotal", "allocation"}
OF_ADJUSTMENTS = {
    "minimum_amount",
    "maximum_amount",
    "percentage_discount",
    "usage_discount",
    "free_units",
}
# Each is a rule of another engine which this project does not have, and why.
NOT_OFFERED = {
    "mt-rate-03": "a maximum is one of the whole charge, not of a tier",
    "lago-rate-023": "a volume tier is reached by the quantity that is billed, prorated or not",
    "lago-rate-094": "a level never falls below zero, so nothing has to be cut off there",
    "lago-rate-095": "a level never falls below zero, so nothing has to be cut off there",
    "om-rate-012": "a fee is billed once a period, with its own term",
    "om-rate-014": "a fee is billed once a period, with its own term",
    "om-rate-034": "within a period nothing is billed, whatever the model",
    "lago-rate-115": "amounts and quantities are rounded half away from zero, and no other way",
    "lago-rate-119": "amounts and quantities are rounded half away from zero, and no other way",
    "lago-rate-120": "amounts and quantities are rounded half away from zero, and no other way",
    "om-round-014": "amounts and quantities are rounded half away from zero, and no other way",
}


def every_case() -> list[dict[str, Any]]:
    if not CASES_DIR:
        return []
    every: list[dict[str, Any]] = json.loads((Path(CASES_DIR) / "rating_cases.json").read_text())
    return [case for case in every if case["model"] not in ELSEWHERE and not is_of_an_adjustment(case)]


def is_of_an_adjustment(case: dict[str, Any]) -> bool:
    """Whether a discount, minimum or maximum decides the case; free units of a package are part of the model."""
    of_the_model = {"free_units"} if case["model"] == "package" else set()
    return bool(OF_ADJUSTMENTS & set(case["properties"]) - of_the_model)


def cases(*models: str, phased: bool = False) -> list[Any]:
    """Return the cases of some models that are run, each by its name."""
    return [
        pytest.param(case, id=case["id"])
        for case in every_case()
        if case["model"] in models and case["id"] not in NOT_OFFERED and ("phases" in case) is phased
    ]


def number(text: str | None) -> Decimal:
    return Decimal(text or 0)


def limit(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def tiers(properties: dict[str, Any]) -> tuple[Tier, ...]:
    return tuple(
        Tier(limit(tier["up_to"]), number(tier.get("unit_amount")), number(tier.get("flat_amount")))
        for tier in properties["tiers"]
    )


def blocks(properties: dict[str, Any]) -> tuple[BlockTier, ...]:
    return tuple(
        BlockTier(limit(tier["tier_blocks"]), Decimal(tier["block_size"]), Decimal(tier["block_amount"]))
        for tier in properties["tiers"]
    )


def model_of(case: dict[str, Any]) -> ChargeModel:
    return model(case["model"], case["properties"])


def model(name: str, of: dict[str, Any]) -> ChargeModel:  # noqa: C901, PLR0911, PLR0912 - one for each model
    due = of.get("first_flat_at_zero_usage", True)
    match name:
        case "flat":
            return Flat(Decimal(of["amount"]))
        case "per_unit" if "unit_conversion" in of:
            return converted(of)
        case "per_unit":
            return PerUnit(Decimal(of["unit_amount"]))
        case "graduated":
            return Graduated(tiers(of), due)
        case "volume":
            return Volume(tiers(of), due)
        case "graduated_prorated":
            return GraduatedProrated(tiers(of), due)
        case "graduated_blocks":
            return GraduatedBlocks(blocks(of))
        case "volume_blocks":
            return VolumeBlocks(blocks(of))
        case "dynamic":
            return Dynamic(Decimal(of["multiplier"]))
        case "dynamic_total":
            return PreRated()
        case "package":
            return package(of)
        case "percentage":
            return percentage(of)
        case "graduated_percentage":
            return graduated_percentage(of, due=due)
        case "stairstep_multi_unit":
            steps = (
                UnitStep(
                    tuple((unit, limit(up_to)) for unit, up_to in tier["limits"].items()), number(tier["flat_amount"])
                )
                for tier in of["tiers"]
            )
            return StairstepByUnit(dimension="unit", steps=tuple(steps))
        case _:
            raise ValueError(name)


def package(of: dict[str, Any]) -> Package:
    return Package(
        size=Decimal(of["package_size"]),
        price=Decimal(of["package_amount"]),
        free_units=number(of.get("free_units")),
        rounding=PackageRounding(of.get("rounding", "up")),
    )


def converted(of: dict[str, Any]) -> Package:
    """Read units that are divided and rounded before they are priced: here they are sold by the package."""
    conversion = of["unit_conversion"]
    assert conversion["operation"] == "divide"
    rounding = {"ceiling": PackageRounding.UP, "floor": PackageRounding.DOWN}[conversion["rounding"]]
    return Package(size=Decimal(conversion["factor"]), price=Decimal(of["unit_amount"]), rounding=rounding)


def percentage(of: dict[str, Any]) -> Percentage:
    return Percentage(
        rate=Decimal(of["rate_percent"]) / HUNDRED,
        fixed_amount=number(of.get("fixed_amount")),
        free_transactions=of.get("free_events"),
        free_amount=limit(of.get("free_amount")),
        minimum=limit(of.get("transaction_min_amount")),
        maximum=limit(of.get("transaction_max_amount")),
    )


def graduated_percentage(of: dict[str, Any], *, due: bool) -> GraduatedPercentage:
    rates = (
        RateTier(limit(tier["up_to"]), Decimal(tier["rate_percent"]) / HUNDRED, number(tier["flat_amount"]))
        for tier in of["tiers"]
    )
    return GraduatedPercentage(tuple(rates), due)


def amount_of(usage: ChargedUsage | str, price: ChargeModel) -> Decimal:
    taken = Decimal(usage) if isinstance(usage, str) else usage
    return exact_sum(part.amount for part in rate(usage=taken, model=price))


def check(case: dict[str, Any], amount: Decimal) -> None:
    """Hold an exact amount against what the case expects, exact or rounded to its currency."""
    unit = currency(case["currency"])
    if "rounding" in case or "expected_rounded" in case:
        expected = Decimal(case.get("expected_rounded", case["expected_amount"]))
        assert Money(amount, unit).rounded() == Money(expected, unit).rounded()
    else:
        assert amount == Decimal(case["expected_amount"])
