"""Quantity x price / base quantity is the amount of every line, with no price below zero and no digit lost."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.domain.invoice_document.document import InvoicedQuantity
from shared.domain.invoice_document.quantities import invoiced_quantity, unit_code
from shared.domain.invoicing.invoice import InvoiceLine
from tests.builders.invoice_documents import adjusted, discount_line, fee_line, usage_line


def said(line: InvoiceLine, unit: str = "request") -> tuple[str, str, str, str]:
    invoiced: InvoicedQuantity = invoiced_quantity(line, unit)
    return (
        f"{invoiced.quantity.normalize():f}",
        invoiced.unit_code,
        f"{invoiced.price.normalize():f}",
        f"{invoiced.base_quantity.normalize():f}",
    )


def test_a_unit_price_keeps_all_its_digits() -> None:
    assert said(usage_line("12300", "0.000123456789"), "GB") == ("12300", "E34", "0.000123456789", "1")


def test_tiers_say_their_amount_for_the_whole_quantity() -> None:
    assert said(usage_line("12300")) == ("12300", "C62", "620", "12300")


def test_the_longest_quantity_keeps_all_its_digits_on_both_sides() -> None:
    longest = Decimal("123456789012345.123456789012345678")

    invoiced = invoiced_quantity(replace(usage_line("80", "0"), quantity=longest, parts=()), "request")

    assert (invoiced.quantity, invoiced.base_quantity) == (longest, longest)


def test_a_fee_is_one_at_its_amount() -> None:
    assert said(fee_line("99"), "") == ("1", "C62", "99", "1")


def test_a_discount_is_minus_one_at_its_amount() -> None:
    assert said(discount_line("-9.90"), "") == ("-1", "C62", "9.9", "1")


def test_less_usage_that_costs_less_is_a_negative_quantity() -> None:
    assert said(adjusted(usage_line("70"), quantity="100", amount="10.00")) == ("-30", "C62", "3", "30")


def test_more_usage_that_costs_less_is_minus_one() -> None:
    assert said(adjusted(usage_line("200", "0.04"), quantity="100", amount="9")) == ("-1", "C62", "1", "1")


def test_less_usage_that_costs_more_is_one() -> None:
    assert said(adjusted(usage_line("100"), quantity="200", amount="8")) == ("1", "C62", "2", "1")


def test_an_amount_without_a_quantity_is_one() -> None:
    assert said(adjusted(usage_line("100"), quantity="100", amount="9.99")) == ("1", "C62", "0.01", "1")


def test_a_quantity_that_costs_nothing_stays_a_quantity() -> None:
    assert said(replace(usage_line("80", "0"), parts=())) == ("80", "C62", "0", "80")


@pytest.mark.parametrize(
    ("unit", "code"),
    [("request", "C62"), ("GB", "E34"), ("hours", "HUR"), ("Minute", "MIN"), ("GiB", "C62"), ("", "C62"), ("s", "C62")],
)
def test_units_without_a_code_of_their_own_are_counted_in_ones(unit: str, code: str) -> None:
    assert unit_code(unit) == code
    assert invoiced_quantity(usage_line("3", "0.5"), unit).quantity == Decimal(3)
