"""Cases of other billing engines for rounding, sums of rounded lines and allocation."""

from decimal import Decimal
from typing import Any

import pytest

from shared.domain.money import Currency, Money, currency, total
from tests.builders.rating_cases import cases

ROUNDED = cases("rounding")


@pytest.mark.parametrize("case", ROUNDED)
def test_amounts_are_rounded_half_away_from_zero(case: dict[str, Any]) -> None:
    unit = Currency(case["currency"] or "XXX", case["properties"]["precision"])

    assert Money(Decimal(case["usage"]), unit).rounded().amount == Decimal(case["expected_amount"])


SUMMED = cases("subtotal")


@pytest.mark.parametrize("case", SUMMED)
def test_lines_are_rounded_and_then_added(case: dict[str, Any]) -> None:
    unit, of = currency(case["currency"]), case["properties"]
    lines = [Money(Decimal(item), unit).rounded() for item in of["items"] * of.get("items_repeat", 1)]

    assert total(lines, unit).amount == Decimal(case["expected_amount"])


ALLOCATED = cases("allocation")


@pytest.mark.parametrize("case", ALLOCATED)
def test_an_amount_is_split_by_largest_remainder(case: dict[str, Any]) -> None:
    unit, items = currency(case["currency"]), case["properties"]["items"]
    shares = Money(Decimal(case["usage"]), unit).allocate([Decimal(item["weight"]) for item in items])

    split = {item["key"]: share.amount for item, share in zip(items, shares, strict=True) if share.amount}
    assert split == {key: Decimal(share) for key, share in case["expected_allocation"].items()}
