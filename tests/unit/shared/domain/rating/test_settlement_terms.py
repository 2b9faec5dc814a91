"""Which of a contract's adjustments are in force in a billing period, and in which order they follow."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shared.domain.identifiers import AdjustmentId, ProductId
from shared.domain.master_data.catalog import Contract
from shared.domain.rating.adjustments import (
    Commitment,
    ContractAdjustment,
    Credit,
    CreditBalance,
    FixedDiscount,
    Maximum,
    Minimum,
    PercentageDiscount,
)
from shared.domain.rating.settlement import carried_since, credits_of, settle
from shared.domain.subscriptions.anniversary import BillingCycle
from shared.domain.time_period import Period, local_midnight
from tests.builders.adjustment_lines import CALLS
from tests.builders.billing import ALWAYS, BERLIN, OCTOBER, SINCE_OCTOBER, contract, euros

TEN_PERCENT = PercentageDiscount(adjustment_id=AdjustmentId("launch"), valid=ALWAYS, percent=Decimal(10))
FIVE_EUROS = FixedDiscount(adjustment_id=AdjustmentId("coupon"), valid=ALWAYS, amount=euros("5"))
MISSING, PREPAID = ProductId("missing"), ProductId("prepaid")


def names(*agreed: ContractAdjustment, year: int = 2026, month: int = 10, of: Contract | None = None) -> list[str]:
    """Return the lines of a billing period that starts on the first of a month, with 60 EUR of calls due in it."""
    one = replace(of or contract(), adjustments=agreed)
    start = local_midnight(date(year, month, 1), BERLIN)
    period = one.billing_calendar(BERLIN).containing(start, BERLIN).period
    due = replace(CALLS, service_period=period)
    return [f"{line.name} {line.amount}" for line in settle(one, [due], period, zone=BERLIN, carried={})]


@pytest.mark.parametrize("term", [replace(TEN_PERCENT, billing_periods=3), replace(FIVE_EUROS, billing_periods=3)])
def test_a_discount_for_three_billing_periods_is_given_in_the_first_three(
    term: PercentageDiscount | FixedDiscount,
) -> None:
    months = [(2026, 10), (2026, 11), (2026, 12), (2027, 1), (2027, 10)]

    assert [len(names(term, year=year, month=month)) for year, month in months] == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("term", [TEN_PERCENT, FIVE_EUROS])
def test_a_discount_for_one_quarter_ends_with_the_quarter_of_the_customers_calendar(
    term: PercentageDiscount | FixedDiscount,
) -> None:
    quarterly = replace(contract(), billing=BillingCycle(every_months=3))
    first_only = replace(term, billing_periods=1)

    assert len(names(first_only, of=quarterly)) == 1
    assert len(names(first_only, of=quarterly, year=2027, month=1)) == 0


@pytest.mark.parametrize("term", [TEN_PERCENT, FIVE_EUROS])
def test_a_discount_that_begins_within_a_month_is_given_from_the_next_one_on(
    term: PercentageDiscount | FixedDiscount,
) -> None:
    from_mid_october = Period(datetime(2026, 10, 15, tzinfo=UTC), None)
    first_only = replace(term, valid=from_mid_october, billing_periods=1)

    assert [len(names(first_only, month=month)) for month in (10, 11, 12)] == [0, 1, 0]


def test_adjustments_follow_in_one_order_whatever_theirs_in_the_contract() -> None:
    """60.00 less 10 % and 5.00 are 49.00; at least 52.00, at most 50.00; beyond a commitment of 45, half as much again.

    A credit of 20.00 pays for what is a charge's, and balances for the rest of everything, the older one first.
    """
    agreed = (
        CreditBalance(adjustment_id=AdjustmentId("young"), valid=SINCE_OCTOBER, amount=euros("9"), product_id=PREPAID),
        CreditBalance(adjustment_id=AdjustmentId("old"), valid=ALWAYS, amount=euros("1"), product_id=PREPAID),
        Credit(adjustment_id=AdjustmentId("grant"), valid=ALWAYS, amount=euros("20")),
        Commitment(
            adjustment_id=AdjustmentId("deal"),
            valid=Period(OCTOBER.start, local_midnight(date(2027, 10, 1), BERLIN)),
            amount=euros("45"),
            product_id=MISSING,
            overage_factor=Decimal("1.5"),
        ),
        Maximum(adjustment_id=AdjustmentId("cap"), valid=ALWAYS, amounts=(euros("50"),)),
        Minimum(adjustment_id=AdjustmentId("floor"), valid=ALWAYS, amounts=(euros("52"),), product_id=MISSING),
        FIVE_EUROS,
        TEN_PERCENT,
    )

    assert names(*agreed) == [
        "s-acme/calls+launch -6.00 EUR",
        "s-acme/calls+coupon -5.00 EUR",
        "+floor 3.00 EUR",
        "s-acme/calls+cap -1.88 EUR",
        "+floor+cap -0.12 EUR",
        "s-acme/calls+deal 2.36 EUR",
        "+floor+deal 0.14 EUR",
        "s-acme/calls+grant -19.05 EUR",
        "s-acme/calls+deal+grant -0.95 EUR",
        "s-acme/calls+old -0.86 EUR",
        "+floor+old -0.09 EUR",
        "s-acme/calls+deal+old -0.04 EUR",
        "+floor+deal+old -0.01 EUR",
        "s-acme/calls+young -7.77 EUR",
        "+floor+young -0.80 EUR",
        "s-acme/calls+deal+young -0.39 EUR",
        "+floor+deal+young -0.04 EUR",
    ]


def test_a_minimum_of_a_contract_that_begins_within_the_month_is_its_share_of_the_days_there() -> None:
    """From the 10th on, in Berlin, are 22 of October's 31 days; the line is the contract's and says nothing else."""
    from_the_tenth = contract(active=Period(datetime(2026, 10, 10, tzinfo=UTC), None))
    floor = Minimum(adjustment_id=AdjustmentId("floor"), valid=ALWAYS, amounts=(euros("31"),), product_id=MISSING)

    (line,) = settle(replace(from_the_tenth, adjustments=(floor,)), [], OCTOBER.period, zone=BERLIN, carried={})

    assert (line.description, line.arithmetic) == ("", "22.00 EUR for 22 of 31 days less 0.00 EUR")
    assert line.service_period == Period(from_the_tenth.active.start, OCTOBER.end)


def test_what_earlier_months_have_spent_or_drawn_counts_by_its_name() -> None:
    deal = Commitment(
        adjustment_id=AdjustmentId("deal"),
        valid=Period(OCTOBER.start, OCTOBER.end),
        amount=euros("100"),
        product_id=MISSING,
    )
    grant = Credit(adjustment_id=AdjustmentId("grant"), valid=ALWAYS, amount=euros("20"))
    balance = CreditBalance(adjustment_id=AdjustmentId("balance"), valid=ALWAYS, amount=euros("9"), product_id=PREPAID)
    carried = {
        AdjustmentId(name): euros(amount) for name, amount in (("deal", "30"), ("grant", "15"), ("balance", "7"))
    }

    lines = settle(
        replace(contract(), adjustments=(deal, grant, balance)), [CALLS], OCTOBER.period, zone=BERLIN, carried=carried
    )

    assert [f"{line.name} {line.amount}" for line in lines] == [
        "+deal 10.00 EUR",
        "s-acme/calls+grant -5.00 EUR",
        "s-acme/calls+balance -1.69 EUR",
        "+deal+balance -0.31 EUR",
    ]


def test_what_carries_over_does_so_from_the_first_term_on() -> None:
    later = Period(OCTOBER.end, None)
    grant = Credit(adjustment_id=AdjustmentId("grant"), valid=later, amount=euros("20"))
    balance = CreditBalance(
        adjustment_id=AdjustmentId("balance"), valid=SINCE_OCTOBER, amount=euros("9"), product_id=PREPAID
    )

    assert carried_since(replace(contract(), adjustments=(TEN_PERCENT, grant, balance))) == SINCE_OCTOBER.start
    assert carried_since(replace(contract(), adjustments=(TEN_PERCENT, FIVE_EUROS))) is None
    assert credits_of(replace(contract(), adjustments=(TEN_PERCENT, grant, balance))) == (grant,)


def test_nothing_is_settled_before_the_contract() -> None:
    assert names(TEN_PERCENT, month=9) == []
