"""What lines of one billing period leave to those after it: what is spent of a commitment, and drawn from a credit."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId
from shared.domain.invoicing.invoice import InvoiceLine
from shared.domain.invoicing.settling import SettledBy
from shared.domain.rating.adjustments import (
    Commitment,
    Credit,
    CreditBalance,
    FixedDiscount,
    Maximum,
    Minimum,
    PercentageDiscount,
)
from shared.domain.rating.adjustments.lines import AdjustmentKind, Applied
from shared.domain.time_period import Period
from tests.builders.billing import ALWAYS, BERLIN, OCTOBER, a_draft, calls, contract, euros

PREPAID = ProductId("prepaid")
DEAL = Commitment(
    adjustment_id=AdjustmentId("deal"),
    valid=Period(OCTOBER.start, OCTOBER.end),
    amount=euros("1000"),
    product_id=ProductId("missing"),
)
GRANT = Credit(adjustment_id=AdjustmentId("grant"), valid=ALWAYS, amount=euros("100"))
BALANCE = CreditBalance(adjustment_id=AdjustmentId("balance"), valid=ALWAYS, amount=euros("50"), product_id=PREPAID)
OTHERS = (
    PercentageDiscount(adjustment_id=AdjustmentId("launch"), valid=ALWAYS, percent=Decimal(10)),
    FixedDiscount(adjustment_id=AdjustmentId("coupon"), valid=ALWAYS, amount=euros("5")),
    Minimum(adjustment_id=AdjustmentId("floor"), valid=ALWAYS, amounts=(euros("1"),), product_id=PREPAID),
    Maximum(adjustment_id=AdjustmentId("cap"), valid=ALWAYS, amounts=(euros("1"),)),
)
SETTLED_BY = SettledBy(
    contract=replace(contract(), adjustments=(*OTHERS, DEAL, GRANT, BALANCE)), products={}, zone=BERLIN
)
FEE, CALLS = a_draft(calls(150)).lines  # 99.00 and 12.50


def made_by(name: str, kind: AdjustmentKind, amount: str, *, of_charge: bool = False) -> InvoiceLine:
    applied = Applied(adjustment_id=AdjustmentId(name), kind=kind, target="s-acme/base-fee", of_charge=of_charge)
    return replace(FEE, applied=applied, amount=euros(amount))


def carried(*lines: InvoiceLine, by: SettledBy = SETTLED_BY) -> dict[str, str]:
    return {name: str(amount) for name, amount in by.carry({}, lines).items()}


def test_charges_count_towards_a_commitment_after_discounts_minimums_and_maximums() -> None:
    lines = (
        FEE,
        CALLS,
        made_by("launch", AdjustmentKind.PERCENTAGE_DISCOUNT, "-9.90"),
        made_by("coupon", AdjustmentKind.FIXED_DISCOUNT, "-5.00"),
        made_by("floor", AdjustmentKind.MINIMUM, "3.00"),
        made_by("cap", AdjustmentKind.MAXIMUM, "-1.00"),
    )

    assert carried(*lines) == {"deal": "98.60 EUR"}


@pytest.mark.parametrize("kind", [AdjustmentKind.OVERAGE, AdjustmentKind.TRUE_UP, AdjustmentKind.CREDIT])
def test_what_follows_a_commitment_does_not_count_towards_it(kind: AdjustmentKind) -> None:
    assert carried(FEE, made_by("deal", kind, "7.00")) == {"deal": "99.00 EUR"}


def test_what_lies_outside_of_a_commitments_term_or_charges_does_not_count() -> None:
    september = replace(FEE, service_period=Period(OCTOBER.start - timedelta(days=30), OCTOBER.start))
    of_calls = replace(
        SETTLED_BY,
        contract=replace(contract(), adjustments=(replace(DEAL, charges=(ChargeId("api-calls"),)),)),
    )

    assert carried(september, CALLS) == {"deal": "12.50 EUR"}
    assert carried(FEE, CALLS, by=of_calls) == {"deal": "12.50 EUR"}
    assert carried(FEE, by=of_calls) == {}


def test_what_is_drawn_is_drawn_from_the_credit_or_balance_of_its_name() -> None:
    drawn = made_by("grant", AdjustmentKind.CREDIT, "-20.00")
    paid = made_by("balance", AdjustmentKind.CREDIT_BALANCE, "-3.00")
    of_a_plan = made_by("grant", AdjustmentKind.CREDIT, "-1.00", of_charge=True)

    assert carried(drawn, drawn, paid, of_a_plan) == {"grant": "40.00 EUR", "balance": "3.00 EUR"}


def test_more_of_a_billing_period_is_added_to_what_was_carried() -> None:
    before = SETTLED_BY.carry({}, [FEE, made_by("grant", AdjustmentKind.CREDIT, "-20.00")])
    given_back = made_by("grant", AdjustmentKind.CREDIT, "20.00")

    after = SETTLED_BY.carry(before, [CALLS, given_back])

    assert {name: str(amount) for name, amount in after.items()} == {"deal": "111.50 EUR"}
