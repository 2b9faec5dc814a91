"""The lines that commitments, credits and balances make: what each takes or adds, where, and how it says so."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from shared.domain.identifiers import AdjustmentId, ProductId
from shared.domain.rating.adjustments import (
    Commitment,
    Credit,
    CreditBalance,
)
from shared.domain.rating.adjustments.commitment import overage, true_up
from shared.domain.rating.adjustments.credit_balance import pay_from_balance
from shared.domain.rating.adjustments.credits import cut, cuts, drawdown
from shared.domain.rating.adjustments.lines import AdjustmentKind
from shared.domain.time_period import Period
from tests.builders.adjustment_lines import (
    CALLS,
    FIRST_HALF,
    FOR_14_DAYS,
    MID_OCTOBER,
    MINIMUM_OF_CONTRACT,
    OF_CONTRACT,
    PARTNER,
    PREPAID,
    REFUND,
    SECOND_HALF,
    STORAGE,
    STORAGE_ONLY,
    amounts,
    due,
    line,
    line_beside,
)
from tests.builders.billing import ALWAYS, OCTOBER, euros

THOUSAND = Commitment(
    adjustment_id=PARTNER,
    valid=Period(OCTOBER.start, OCTOBER.end),
    amount=euros("1000"),
    product_id=ProductId("missing"),
    overage_factor=Decimal("1.50"),
)


def test_of_a_commitment_what_is_spent_beyond_it_costs_more() -> None:
    lines = overage(THOUSAND, [CALLS, STORAGE], euros("950"), OF_CONTRACT)

    words = (
        "1000.00 EUR committed, beyond it 1.5 times the price",
        "share of 50.00 EUR beyond 1000 EUR x 0.5",
    )
    assert list(lines) == [
        line(CALLS, AdjustmentKind.OVERAGE, "15.00", words),
        line(STORAGE, AdjustmentKind.OVERAGE, "10.00", words),
    ]


@pytest.mark.parametrize(
    ("spent_before", "surcharge"),
    [("899.99", []), ("900", []), ("900.02", ["0.01"]), ("1000", ["30.00", "20.00"]), ("2000", ["30.00", "20.00"])],
)
def test_of_a_commitment_only_what_the_month_spends_beyond_it_costs_more(
    spent_before: str, surcharge: list[str]
) -> None:
    lines = overage(THOUSAND, [CALLS, STORAGE], euros(spent_before), OF_CONTRACT)

    assert list(amounts(lines).values()) == surcharge


def test_of_a_commitment_what_lies_outside_of_its_term_or_charges_does_not_count() -> None:
    of_september = replace(CALLS, service_period=Period(OCTOBER.start - timedelta(days=30), OCTOBER.start))
    of_storage = replace(THOUSAND, charges=STORAGE_ONLY)

    assert amounts(overage(THOUSAND, [of_september, STORAGE], euros("1000"), OF_CONTRACT)) == {
        "s-acme/storage": "20.00"
    }
    assert amounts(overage(of_storage, [CALLS, STORAGE], euros("1000"), OF_CONTRACT)) == {"s-acme/storage": "20.00"}


def test_of_a_commitment_without_a_factor_nothing_costs_more() -> None:
    plainly = replace(THOUSAND, overage_factor=Decimal(1))

    assert str(plainly) == "1000.00 EUR committed"
    assert list(overage(plainly, [CALLS], euros("1000"), OF_CONTRACT)) == []


def test_of_a_commitment_what_is_missing_when_its_term_ends_is_due() -> None:
    lines = true_up(THOUSAND, [CALLS, STORAGE], euros("700"), FOR_14_DAYS, OCTOBER.period)

    words = (
        "1000.00 EUR committed, beyond it 1.5 times the price",
        f"1000 EUR committed for {OCTOBER.period} less 800.00 EUR",
    )
    assert list(lines) == [
        line_beside(FOR_14_DAYS, AdjustmentKind.TRUE_UP, "200.00", words, service_period=THOUSAND.valid)
    ]


@pytest.mark.parametrize(
    ("ends", "missing"),
    [
        (OCTOBER.start, []),
        (OCTOBER.start + timedelta(days=1), ["200.00"]),
        (OCTOBER.end, ["200.00"]),
        (OCTOBER.end + timedelta(days=1), []),
    ],
)
def test_of_a_commitment_what_is_missing_is_due_in_the_month_in_which_its_term_ends(
    ends: datetime, missing: list[str]
) -> None:
    since_july = replace(THOUSAND, valid=Period(OCTOBER.start - timedelta(days=90), ends))
    of_september = replace(CALLS, service_period=Period(OCTOBER.start - timedelta(days=30), OCTOBER.start))

    lines = true_up(since_july, [of_september], euros("740"), OF_CONTRACT, OCTOBER.period)

    assert list(amounts(lines).values()) == missing


def test_of_a_commitment_what_is_reached_or_not_asked_for_is_not_due() -> None:
    without = replace(THOUSAND, true_up=False)

    assert list(true_up(THOUSAND, [CALLS, STORAGE], euros("900"), OF_CONTRACT, OCTOBER.period)) == []
    assert list(true_up(without, [CALLS], euros("0"), OF_CONTRACT, OCTOBER.period)) == []


THIRTY = Credit(adjustment_id=PARTNER, valid=ALWAYS, amount=euros("30"))


def test_a_credit_pays_what_is_left_of_it_for_each_line() -> None:
    lines = drawdown([THIRTY], [CALLS, STORAGE, REFUND, MINIMUM_OF_CONTRACT], {PARTNER: euros("10")})

    assert list(lines) == [
        line(
            CALLS,
            AdjustmentKind.CREDIT,
            "-12.00",
            ("credit of 30.00 EUR", "drawn from 20 EUR that are left, for 60.00 EUR that are eligible"),
        ),
        line(
            STORAGE,
            AdjustmentKind.CREDIT,
            "-8.00",
            ("credit of 30.00 EUR", "drawn from 20 EUR that are left, for 40.00 EUR that are eligible"),
        ),
    ]


def test_a_credit_that_was_prepaid_is_booked_on_its_own_product_and_taxed_as_what_it_pays_for() -> None:
    (drawn,) = drawdown([replace(THIRTY, product_id=PREPAID)], [CALLS], {})

    assert (drawn.product_id, drawn.taxed_as) == ("prepaid", "api")


def test_a_credit_that_is_used_up_pays_nothing_and_the_next_one_goes_on() -> None:
    second = replace(THIRTY, adjustment_id=AdjustmentId("second"), priority=1)

    (drawn,) = drawdown([THIRTY, second], [CALLS], {PARTNER: euros("30")})

    assert drawn.name == "s-acme/calls+second"


def test_a_credit_with_less_priority_comes_later_then_what_expires_later_then_what_is_younger() -> None:
    valid = (
        Period(OCTOBER.start, None),
        Period(OCTOBER.start, OCTOBER.end),
        Period(OCTOBER.start - timedelta(days=1), OCTOBER.end),
    )
    agreed = [
        Credit(adjustment_id=AdjustmentId(name), valid=when, amount=euros("1"), priority=priority)
        for name, when, priority in (
            ("late", valid[1], 1),
            ("endless", valid[0], 0),
            ("young", valid[1], 0),
            ("old", valid[2], 0),
        )
    ]

    drawn = drawdown(agreed, [CALLS], {})

    assert [one.applied.adjustment_id for one in drawn] == ["old", "young", "endless", "late"]


def test_a_credit_pays_only_for_what_was_used_while_it_was_in_effect() -> None:
    """Of 60 EUR, 20 were used by the 15th: so much of the credit's 30 can be drawn."""
    used = replace(CALLS, by_time=((FIRST_HALF, Decimal("20.001")), (SECOND_HALF, Decimal("39.999"))))

    first_half, second_half = replace(THIRTY, valid=FIRST_HALF), replace(THIRTY, valid=SECOND_HALF)

    assert amounts(drawdown([first_half], [used], {})) == {"s-acme/calls": "-20.00"}
    assert amounts(drawdown([second_half], [used], {})) == {"s-acme/calls": "-30.00"}


def test_a_credit_pays_cents_by_their_time_too() -> None:
    used = replace(CALLS, amount=euros("0.50"), by_time=((FIRST_HALF, Decimal("0.2")), (SECOND_HALF, Decimal("0.3"))))

    assert amounts(drawdown([replace(THIRTY, valid=FIRST_HALF)], [used], {})) == {"s-acme/calls": "-0.20"}


def test_a_credit_pays_for_nothing_that_another_one_has_paid() -> None:
    used = replace(CALLS, by_time=((FIRST_HALF, Decimal(20)), (SECOND_HALF, Decimal(40))))
    agreed = [
        Credit(adjustment_id=AdjustmentId("grant"), valid=FIRST_HALF, amount=euros("15")),
        Credit(adjustment_id=AdjustmentId("prepaid"), valid=OCTOBER.period, amount=euros("100"), priority=1),
    ]

    drawn = {one.applied.adjustment_id: one.amount for one in drawdown(agreed, [used], {})}

    assert drawn == {"grant": euros("-15.00"), "prepaid": euros("-45.00")}


def test_a_credit_takes_the_oldest_usage_first() -> None:
    """25 are paid of all October: 20 of its first half, and 5 of its second, of which 35 are left."""
    used = replace(CALLS, by_time=((FIRST_HALF, Decimal(20)), (SECOND_HALF, Decimal(40))))
    agreed = [
        Credit(adjustment_id=AdjustmentId("whole"), valid=OCTOBER.period, amount=euros("25")),
        Credit(adjustment_id=AdjustmentId("second"), valid=SECOND_HALF, amount=euros("100"), priority=1),
    ]

    drawn = {one.applied.adjustment_id: one.amount for one in drawdown(agreed, [used], {})}

    assert drawn == {"whole": euros("-25.00"), "second": euros("-35.00")}


def test_a_fee_is_eligible_where_its_service_period_starts() -> None:
    no_usage = replace(CALLS, by_time=((FIRST_HALF, Decimal(0)), (SECOND_HALF, Decimal(-1))))

    for fee in (CALLS, no_usage):
        assert amounts(drawdown([replace(THIRTY, valid=FIRST_HALF)], [fee], {})) == {"s-acme/calls": "-30.00"}
        assert amounts(drawdown([replace(THIRTY, valid=SECOND_HALF)], [fee], {})) == {}


def test_a_month_is_cut_where_credits_begin_or_expire_in_it() -> None:
    from_mid_october = replace(THIRTY, valid=Period(MID_OCTOBER, None))
    until_mid_october = replace(THIRTY, valid=FIRST_HALF)
    whole = replace(THIRTY, valid=OCTOBER.period)

    assert cuts([from_mid_october, until_mid_october, whole], OCTOBER.period) == (MID_OCTOBER,)
    assert cuts([whole], SECOND_HALF) == ()
    assert cut(OCTOBER.period, [OCTOBER.start, MID_OCTOBER, OCTOBER.end]) == (FIRST_HALF, SECOND_HALF)


BALANCE = CreditBalance(adjustment_id=PARTNER, valid=ALWAYS, amount=euros("30"), product_id=PREPAID)


def test_a_balance_pays_what_is_left_of_it_for_whatever_is_due() -> None:
    words = ("balance of 30.00 EUR", "paid from 18 EUR that are left")

    assert list(pay_from_balance(BALANCE, [CALLS, REFUND, MINIMUM_OF_CONTRACT], euros("12"))) == [
        line(CALLS, AdjustmentKind.CREDIT_BALANCE, "-12.00", words, product=PREPAID),
        line(MINIMUM_OF_CONTRACT, AdjustmentKind.CREDIT_BALANCE, "-6.00", words, product=PREPAID),
    ]


def test_a_balance_pays_no_more_than_is_due_and_nothing_once_it_is_gone() -> None:
    assert amounts(pay_from_balance(BALANCE, [due("calls", "api", "0.01")], euros("0"))) == {"s-acme/calls": "-0.01"}
    assert list(pay_from_balance(BALANCE, [CALLS], euros("30"))) == []
