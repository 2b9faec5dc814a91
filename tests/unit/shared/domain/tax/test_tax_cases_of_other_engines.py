"""Tax as other billing engines assert it in their own tests: a rate on an amount, each rate rounded once.

The folder with rating_cases.json is named by U2C_CASES_DIR; without it there is nothing to run. Every case of the model
`tax` is offered. Another engine's tax of a whole invoice, rounded once over its rates, is not: tax is rounded for each
rate, as EN 16931 does it.
"""

import json
import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.domain.money import Money, currency
from tests.builders.billing import a_draft, german_vat
from tests.builders.tax import taxed

CASES_DIR = os.environ.get("U2C_CASES_DIR", "")


def cases() -> list[dict[str, Any]]:
    if not CASES_DIR:
        return []
    every = json.loads((Path(CASES_DIR) / "rating_cases.json").read_text())
    return [case for case in every if case["model"] == "tax"]


@pytest.mark.skipif(not CASES_DIR, reason="U2C_CASES_DIR names no folder of cases")
def test_there_are_cases_and_all_of_them_round_as_we_do() -> None:
    assert len(cases()) >= 7
    assert {case["properties"]["round"] for case in cases()} == {"per_rate"}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in cases()])
def test_a_tax_is_what_others_say(case: dict[str, Any]) -> None:
    unit = currency(case["currency"])
    assert unit.minor_units == case["properties"]["precision"]
    amount = Money(Decimal(case["usage"]), unit).rounded()
    draft = a_draft()
    line = replace(draft.lines[0], amount=amount)
    invoice = replace(draft, lines=(line,), net=amount, tax=Money.zero(unit), gross=amount)

    tax = sum(
        (
            taxed(invoice, replace(german_vat(), rate=Decimal(percent) / 100)).tax.amount
            for percent in case["properties"]["rates_percent"]
        ),
        Decimal(0),
    )

    assert tax == Decimal(case["expected_amount"])
