"""What a tax is beyond the one that an ERP works out, which rounds once for each of its own codes."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from shared.domain.posting.tax_difference import tax_difference
from tests.builders.posting import eur

VAT = Decimal("0.19")
ONE_THERE = {"DE-GOODS": "VAT19", "DE-SERVICES": "VAT19"}
TWO_THERE = {"DE-GOODS": "GOODS19", "DE-SERVICES": "SERVICES19"}


@pytest.mark.parametrize(
    ("codes", "of_the_lines"),
    [(ONE_THERE, "0.01"), (TWO_THERE, "0.02"), ({}, "0.02")],
    ids=["two of ours are one there", "two are two there", "not mapped"],
)
def test_tax_of_one_rate_is_rounded_once_for_each_code_of_the_erp(codes: Mapping[str, str], of_the_lines: str) -> None:
    """19 % of 0.03 is 0.0057, and of 0.06 it is 0.0114."""
    lines = [("DE-GOODS", VAT, eur("0.03")), ("DE-SERVICES", VAT, eur("0.03"))]

    assert tax_difference(lines, eur(of_the_lines), codes) == eur("0.00")


def test_two_rates_of_one_code_are_two_roundings() -> None:
    lines = [("DE", VAT, eur("0.03")), ("DE", Decimal("0.16"), eur("0.04"))]

    assert tax_difference(lines, eur("0.02"), {"DE": "VAT"}) == eur("0.00")
    assert tax_difference(lines, eur("0.01"), {"DE": "VAT"}) == eur("-0.01")
