"""A draft: each line rounded once, totals of rounded lines."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.money import Money, total
from tests.builders.billing import EUR, OCTOBER, a_draft, calls, euros


def test_a_draft_has_a_line_for_each_charge_that_is_due() -> None:
    draft = a_draft(calls(150))

    assert [(line.line_id, line.amount) for line in draft.lines] == [
        ("s-acme/base-fee", euros("99.00")),
        ("s-acme/api-calls", euros("12.50")),
    ]
    assert draft.net == euros("111.50")


def test_an_invoice_is_named_by_its_contract_and_month() -> None:
    assert (a_draft().invoice_id, a_draft().revision) == ("c-acme/2026-10", 1)


def test_a_line_without_a_description_has_its_products_name() -> None:
    assert [line.description for line in a_draft(calls(1)).lines] == ["Platform", "API requests"]


def test_lines_keep_their_service_period() -> None:
    assert {line.service_period for line in a_draft(calls(1)).lines} == {OCTOBER.period}


def test_a_draft_with_a_fee_is_no_nothing() -> None:
    assert a_draft().state is InvoiceState.DRAFT


@given(st.integers(min_value=0, max_value=10**9))
def test_totals_are_sums_of_rounded_lines(count: int) -> None:
    draft = a_draft(calls(count))

    assert draft.net == total((line.amount for line in draft.lines), EUR)
    for line in draft.lines:
        assert line.precise_amount == sum((part.amount for part in line.parts), Decimal(0))
        assert line.amount == Money(line.precise_amount, EUR).rounded()
