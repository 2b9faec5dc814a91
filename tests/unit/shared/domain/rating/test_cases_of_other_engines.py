"""Cases of other billing engines for every charge model. What is not offered is skipped with its reason."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from shared.domain.metering.levels import LevelChange
from shared.domain.metering.transactions import Transaction
from shared.domain.money import Money, currency, exact_sum
from shared.domain.rating.charge_models import ChargeModel, PerUnit
from shared.domain.rating.usage import LevelChanges, Transactions, UnitQuantities
from tests.builders.rating_cases import (
    CASES_DIR,
    NOT_OFFERED,
    OF_MONEY,
    amount_of,
    cases,
    check,
    every_case,
    model,
    model_of,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.skipif(not CASES_DIR, reason="U2C_CASES_DIR names no folder of cases")
def test_every_case_is_run_or_has_its_reason() -> None:
    run = {param.id for params in RUN for param in params}
    of_models = {case["id"] for case in every_case() if case["model"] not in OF_MONEY}

    assert run == of_models - set(NOT_OFFERED)
    assert len(run) > 80


OF_A_QUANTITY = [
    case
    for case in cases(
        "flat",
        "per_unit",
        "graduated",
        "volume",
        "package",
        "graduated_percentage",
        "graduated_blocks",
        "volume_blocks",
        "dynamic",
    )
    if "usage_buckets" not in case.values[0]
]


@pytest.mark.parametrize("case", OF_A_QUANTITY)
def test_a_quantity_costs_what_others_say(case: dict[str, Any]) -> None:
    context, price, unit = case.get("context", {}), model_of(case), currency(case["currency"])
    amount = amount_of(case["usage"], price)

    # A line within a period is the difference to what is billed: the period is rated again, as late usage has it.
    if context.get("position_in_period") in {"mid_period", "last_in_period"} and case["model"] != "volume":
        before = context.get("usage_before_line", "0")
        amount = amount_of(str(Decimal(before) + Decimal(case["usage"])), price) - amount_of(before, price)
    elif "previously_billed_amount" in context:
        amount = Money(amount, unit).rounded().amount - Decimal(context["previously_billed_amount"])

    check(case, amount)
    for group, part in case.get("expected_parts", {}).items():
        assert amount_of(case["usage_by_unit"][group], price) == Decimal(part)


OF_BUCKETS = [case for case in cases("per_unit", "graduated", "volume", "package") if "usage_buckets" in case.values[0]]


@pytest.mark.parametrize("case", OF_BUCKETS)
def test_quantities_that_are_charged_apart_are_priced_apart(case: dict[str, Any]) -> None:
    check(case, exact_sum(amount_of(quantity, model_of(case)) for quantity in case["usage_buckets"]))


PHASED = cases("per_unit", "graduated", "volume", "package", phased=True)


@pytest.mark.parametrize("case", PHASED)
def test_the_whole_period_costs_what_others_bill_in_phases(case: dict[str, Any]) -> None:
    """Each run bills round(all usage so far) less what is billed, and together they bill the whole period once."""
    unit, price, billed = currency(case["currency"]), model_of(case), Decimal(0)

    for phase in case["phases"]:
        final = Money(amount_of(phase["cumulative_usage"], price), unit).rounded().amount
        assert final - billed == Decimal(phase["expected_amount"])
        billed = final

    assert billed == Decimal(case["expected_amount"])


PERCENTAGES = cases("percentage")


@pytest.mark.parametrize("case", PERCENTAGES)
def test_transactions_cost_what_others_say_in_whatever_order_they_arrive(case: dict[str, Any]) -> None:
    each = tuple(
        Transaction(NOON + timedelta(seconds=number), "pay", "1", Decimal(amount))
        for number, amount in enumerate(case["transactions"])
    )

    check(case, amount_of(Transactions(each), model_of(case)))


PRORATED = cases("graduated_prorated")


@pytest.mark.parametrize("case", PRORATED)
def test_units_that_come_and_go_cost_what_others_say(case: dict[str, Any]) -> None:
    changes = (
        LevelChange(Decimal(one["units_full"]), product(one["units_prorated"]) / Fraction(one["units_full"]))
        for one in case["usage_changes"]
    )

    check(case, amount_of(LevelChanges(tuple(changes)), model_of(case)))


def product(text: str) -> Fraction:
    """Read a prorated quantity: "1.6" or "-6*11/30"."""
    units, _, share = text.partition("*")
    return Fraction(units) * Fraction(share or 1)


STEPS_BY_UNIT = cases("stairstep_multi_unit")


@pytest.mark.parametrize("case", STEPS_BY_UNIT)
def test_the_highest_step_that_any_unit_reaches_is_due(case: dict[str, Any]) -> None:
    usage = UnitQuantities(tuple((unit, Decimal(quantity)) for unit, quantity in case["usage_by_unit"].items()))

    check(case, amount_of(usage, model_of(case)))


CHARGED_APART = cases("multi_unit", "per_unit_by_filter")


@pytest.mark.parametrize("case", CHARGED_APART)
def test_each_kind_of_unit_has_a_charge_of_its_own(case: dict[str, Any]) -> None:
    """Here several units under one price are several charges, each with its `match`."""
    amounts = {unit: amount_of(case["usage_by_unit"][unit], price) for unit, price in prices_by_unit(case)}

    assert amounts == {unit: Decimal(part) for unit, part in case["expected_parts"].items()}
    check(case, exact_sum(amounts.values()))


def prices_by_unit(case: dict[str, Any]) -> Iterator[tuple[str, ChargeModel]]:
    of = case["properties"]
    for unit in case["usage_by_unit"]:
        if case["model"] == "multi_unit":
            yield unit, model(of["unit_model"], of["units"][unit])
        else:
            yield unit, PerUnit(Decimal(of["unit_amounts"].get(unit, of["default_unit_amount"])))


PRE_RATED = cases("dynamic_total")


@pytest.mark.parametrize("case", PRE_RATED)
def test_amounts_of_events_are_billed_as_they_are(case: dict[str, Any]) -> None:
    amount = amount_of(exact_sum(map(Decimal, case["properties"]["event_amounts"])), model_of(case))

    assert amount == Decimal(case["expected_amount"])
    check(case, amount)


RUN = (
    OF_A_QUANTITY,
    OF_BUCKETS,
    PHASED,
    PERCENTAGES,
    PRORATED,
    STEPS_BY_UNIT,
    CHARGED_APART,
    PRE_RATED,
)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case["id"]) for case in every_case() if case["id"] in NOT_OFFERED]
)
def test_what_is_not_offered_has_its_reason(case: dict[str, Any]) -> None:
    pytest.skip(NOT_OFFERED[case["id"]])
