"""Credit notes that correct an invoice count as billed: late usage and they are never asked for, or given, twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from functions.build_invoice.use_case import BuildStatus
from functions.validate_invoice.use_case import Verdict
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import AdjustmentId
from shared.domain.invoicing.credit_note import CreditPurpose
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.rating.adjustments import Commitment, PercentageDiscount
from shared.domain.subscriptions.fee_terms import Billed, FeeTerms
from shared.domain.subscriptions.proration import Proration
from shared.domain.time_period import BillingPeriod, Period
from shared.ports.invoice_executions import ExecutionStatus
from shared.ports.invoices import CreditedMeanwhileError
from tests.builders.billing import (
    ALWAYS,
    BASE_FEE,
    OCTOBER,
    SINCE_OCTOBER,
    euros,
)
from tests.fakes.crediting_world import CALLS, DECEMBER, JANUARY, MISSING, NOVEMBER, ONE_EURO_A_CALL, Months, amounts


def a_hundred_calls_in_october() -> tuple[Months, Invoice]:
    months = Months()
    months.use(100)
    return months, months.bill(OCTOBER)


def test_what_was_corrected_by_hand_is_not_taken_off_again_when_the_usage_is() -> None:
    months, first = a_hundred_calls_in_october()
    months.credit(first, {CALLS: "40.00"})
    months.use(-40)
    months.use(7, NOVEMBER)

    second = months.bill(NOVEMBER)

    assert amounts(second) == {"s-acme/api-calls": Decimal(7), "s-acme/api-calls@2026-10": Decimal(0)}
    (_, corrected) = second.lines
    assert (corrected.quantity, str(corrected.adjusts and corrected.adjusts.amount)) == (Decimal(-40), "60.00 EUR")
    assert amounts(months.bill(DECEMBER)) == {}


def test_only_the_difference_to_what_was_corrected_is_billed() -> None:
    months, first = a_hundred_calls_in_october()
    months.credit(first, {CALLS: "30.00"})
    months.use(-40)
    months.use(50, NOVEMBER)

    assert amounts(months.bill(NOVEMBER))["s-acme/api-calls@2026-10"] == Decimal(-10)


def test_what_usage_does_not_confirm_is_billed_again() -> None:
    months, first = a_hundred_calls_in_october()
    months.credit(first, {CALLS: "30.00"})

    assert amounts(months.bill(NOVEMBER)) == {"s-acme/api-calls@2026-10": Decimal(30)}
    assert amounts(months.bill(DECEMBER)) == {}


def test_goodwill_is_not_looked_at() -> None:
    months, first = a_hundred_calls_in_october()
    months.credit(first, {CALLS: "30.00"}, CreditPurpose.GOODWILL)
    months.use(-40)
    months.use(50, NOVEMBER)

    assert amounts(months.bill(NOVEMBER))["s-acme/api-calls@2026-10"] == Decimal(-40)


def test_a_credit_of_an_adjusting_line_counts_in_the_month_that_the_line_is_of() -> None:
    months, _ = a_hundred_calls_in_october()
    months.use(20)
    second = months.bill(NOVEMBER)
    months.credit(second, {f"{CALLS}@2026-10": "20.00"})
    months.use(-15)

    assert amounts(months.bill(DECEMBER)) == {"s-acme/api-calls@2026-10": Decimal(5)}
    assert amounts(months.bill(JANUARY)) == {}


def test_a_corrected_month_spends_less_of_a_commitment_and_is_settled_with_the_months_after_it() -> None:
    until_december = Period(OCTOBER.start, NOVEMBER.end)
    committed = Commitment(
        adjustment_id=AdjustmentId("h2"), valid=until_december, amount=euros("150"), product_id=MISSING
    )
    months = Months(committed)
    months.use(100)
    months.use(60, NOVEMBER)
    first = months.bill(OCTOBER)
    assert amounts(months.bill(NOVEMBER)) == {"s-acme/api-calls": Decimal(60)}
    months.credit(first, {CALLS: "30.00"})
    months.use(-30)

    assert amounts(months.bill(DECEMBER)) == {"s-acme/api-calls@2026-10": Decimal(0), "+h2@2026-11": Decimal(20)}
    assert amounts(months.bill(JANUARY)) == {}


def test_a_fee_that_was_corrected_is_not_billed_again_and_a_discount_follows_it() -> None:
    launch = PercentageDiscount(adjustment_id=AdjustmentId("launch"), valid=ALWAYS, percent=Decimal(10))
    months = Months(launch, charges=(BASE_FEE, ONE_EURO_A_CALL))
    months.use(100)
    first = months.bill(OCTOBER)
    months.credit(first, {"s-acme/base-fee": "49.00"})
    months.use(1)

    assert {name: amount for name, amount in amounts(months.bill(NOVEMBER)).items() if "@" in name} == {
        "s-acme/api-calls@2026-10": Decimal(1),
        "s-acme/base-fee+launch@2026-10": Decimal("4.90"),
        "s-acme/api-calls+launch@2026-10": Decimal("-0.10"),
    }


def test_a_fee_in_advance_that_was_corrected_by_hand_is_not_credited_again_when_the_contract_ends() -> None:
    in_advance = replace(BASE_FEE, fee=FeeTerms(billed=Billed.IN_ADVANCE, proration=Proration.DAYS))
    months = Months(charges=(in_advance, ONE_EURO_A_CALL))
    first = months.bill(OCTOBER)
    months.credit(first, {"s-acme/base-fee/2026-11-01": "40.00"})
    months.agree(Period(SINCE_OCTOBER.start, datetime(2026, 11, 15, 23, tzinfo=UTC)))
    months.use(100, NOVEMBER)

    second = months.bill(NOVEMBER)

    assert amounts(second) == {"s-acme/base-fee/2026-11-01": Decimal("-9.50"), "s-acme/api-calls": Decimal(100)}
    assert [one.invoice_id for one in second.rests_on] == ["c-acme/2026-10"]


def drafted_and_approved(months: Months, month: BillingPeriod) -> None:
    months.select_month(month)
    as_of = (month.end + timedelta(days=2)).replace(hour=6)
    selection = months.select(as_of)
    months.start(selection)
    assert months.build(selection) is BuildStatus.DRAFT
    months.tax()
    assert months.validate() is Verdict.VALID
    months.executions.end_all(ExecutionStatus.SUCCEEDED)


@pytest.mark.parametrize(("purpose", "taken"), [(CreditPurpose.GOODWILL, -40), (CreditPurpose.CORRECTION, 0)])
def test_a_credit_between_a_draft_and_its_issue_has_it_drafted_anew(purpose: CreditPurpose, taken: int) -> None:
    months, first = a_hundred_calls_in_october()
    months.use(-40)
    months.use(50, NOVEMBER)
    drafted_and_approved(months, NOVEMBER)
    months.credit(first, {CALLS: "40.00"}, purpose)

    for _ in range(2):
        with pytest.raises(CreditedMeanwhileError):
            months.issue()

    assert months.invoice.state is InvoiceState.INVALID
    assert {record.code for record in months.exceptions.open.values()} == {ExceptionCode.INVOICE_INVALID}
    assert months.run((NOVEMBER.end + timedelta(days=3)).replace(hour=6)) is InvoiceState.POSTED
    assert amounts(months.invoice)["s-acme/api-calls@2026-10"] == taken
    assert months.exceptions.open == {}


def test_an_invoice_that_adjusts_nothing_is_not_held_up_by_a_credit() -> None:
    months, first = a_hundred_calls_in_october()
    months.use(50, NOVEMBER)
    drafted_and_approved(months, NOVEMBER)
    months.credit(first, {CALLS: "40.00"})

    assert amounts(months.issue()) == {"s-acme/api-calls": Decimal(50)}


def test_an_invoice_that_was_issued_first_leaves_less_to_credit() -> None:
    months, first = a_hundred_calls_in_october()
    stood = months.notes.standing(first.invoice_id, 1)
    months.use(-40)
    months.use(50, NOVEMBER)

    months.bill(NOVEMBER)

    assert months.notes.standing(first.invoice_id, 1) == replace(stood, adjusted=1)
