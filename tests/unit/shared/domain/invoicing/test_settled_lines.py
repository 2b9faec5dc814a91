"""All lines of one billing period: charges, their own adjustments, and those of the contract on what is due by them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shared.domain.identifiers import AdjustmentId, ProductId
from shared.domain.invoicing.invoice import InvoiceLine
from shared.domain.invoicing.settling import SettledBy
from shared.domain.master_data.catalog import Charge, Contract
from shared.domain.rating.adjustments import ContractAdjustment, Credit, FixedDiscount, Minimum, PercentageDiscount
from shared.domain.rating.charge_models import PerUnit
from shared.domain.rating.contract import rate_contract
from shared.domain.time_period import Period
from tests.builders.billing import (
    ALWAYS,
    BASE_FEE,
    BERLIN,
    MID_OCTOBER,
    OCTOBER,
    SINCE_OCTOBER,
    account,
    calls,
    catalog,
    contract,
    euros,
    plan,
    price,
    usage_charge,
)

PRODUCTS = {one.product_id: one for one in catalog().products}
ONE_EURO = usage_charge(price(PerUnit(Decimal(1))))
TEN_PERCENT = PercentageDiscount(adjustment_id=AdjustmentId("launch"), valid=ALWAYS, percent=Decimal(10))
COUPON = FixedDiscount(adjustment_id=AdjustmentId("coupon"), valid=ALWAYS, amount=euros("0.01"))
UNTIL_MID_OCTOBER = Credit(
    adjustment_id=AdjustmentId("grant"), valid=Period(OCTOBER.start, MID_OCTOBER), amount=euros("100")
)


def lines_of(agreed: Contract, charges: Sequence[Charge], fees: Sequence[InvoiceLine] = ()) -> tuple[InvoiceLine, ...]:
    """Return the lines of October with 30 calls before its middle and 50 after it."""
    rated = rate_contract(
        account=account(agreed),
        contract=agreed,
        plans={one.plan_id: one for one in (plan(*charges),)},
        billing_period=OCTOBER.period,
        windows=(calls(30, at=MID_OCTOBER - timedelta(days=5)), calls(50, at=MID_OCTOBER + timedelta(days=5))),
    )
    return SettledBy(contract=agreed, products=PRODUCTS, zone=BERLIN).lines(rated, OCTOBER.period, fees=fees)


def settled(
    *charges: Charge,
    agreed: Sequence[ContractAdjustment] = (),
    fees: Sequence[InvoiceLine] = (),
    active: Period = SINCE_OCTOBER,
) -> list[str]:
    adjusted = replace(contract(active=active), adjustments=tuple(agreed))
    return [f"{line.line_id} {line.amount}" for line in lines_of(adjusted, charges, fees)]


def test_adjustments_of_a_charge_have_lines_after_the_charges() -> None:
    assert settled(BASE_FEE, replace(ONE_EURO, adjustments=(TEN_PERCENT,))) == [
        "s-acme/base-fee 99.00 EUR",
        "s-acme/api-calls 80.00 EUR",
        "s-acme/api-calls+launch -8.00 EUR",
    ]


def test_a_credit_pays_for_the_usage_of_its_own_time() -> None:
    assert settled(ONE_EURO, agreed=[UNTIL_MID_OCTOBER]) == [
        "s-acme/api-calls 80.00 EUR",
        "s-acme/api-calls+grant -30.00 EUR",
    ]


def test_a_fee_beside_usage_is_eligible_from_the_day_on_which_it_starts() -> None:
    assert settled(BASE_FEE, ONE_EURO, agreed=[replace(UNTIL_MID_OCTOBER, amount=euros("1000"))]) == [
        "s-acme/base-fee 99.00 EUR",
        "s-acme/api-calls 80.00 EUR",
        "s-acme/base-fee+grant -99.00 EUR",
        "s-acme/api-calls+grant -30.00 EUR",
    ]


def test_fees_that_are_billed_already_count_and_have_no_line_of_their_own() -> None:
    """The cent that a coupon leaves over goes to the fee, which comes before usage."""
    (billed,) = lines_of(contract(), [BASE_FEE])
    equal = replace(billed, amount=euros("80.00"))

    assert settled(ONE_EURO, agreed=[COUPON], fees=[equal]) == [
        "s-acme/api-calls 80.00 EUR",
        "s-acme/base-fee+coupon -0.01 EUR",
    ]


def test_what_a_minimum_counts_is_of_the_days_in_the_customers_calendar() -> None:
    """From 22:30 UTC of the 9th on, it is the 10th in Berlin: 22 of 31 days."""
    floor = Minimum(
        adjustment_id=AdjustmentId("floor"), valid=ALWAYS, amounts=(euros("3100"),), product_id=ProductId("platform")
    )
    started = Period(datetime(2026, 10, 9, 22, 30, tzinfo=UTC), None)

    assert settled(ONE_EURO, agreed=[floor], active=started)[-1] == "+floor 2120.00 EUR"
