"""Rating a contract: fees for whole periods, usage for the time of the subscription, nothing unbilled in silence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId, SubscriptionId
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.catalog import Contract, CustomerAccount, Plan
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.carried import CarriedLevel
from shared.domain.metering.levels import Level
from shared.domain.metering.meter import Aggregation
from shared.domain.rating.adjustments import Maximum, Minimum, PercentageDiscount, UsageDiscount
from shared.domain.rating.adjustments.lines import AdjustmentKind, Applied, RatedAdjustment
from shared.domain.rating.charge_models import Flat, Graduated, PerUnit, Tier
from shared.domain.rating.contract import RatedContract, rate_contract
from shared.domain.subscriptions.fee_terms import Billed, FeeTerms
from shared.domain.time_period import Period
from tests.builders.billing import (
    ACME,
    ALWAYS,
    API_CALLS,
    BASE_FEE,
    EUR,
    GRADUATED_CALLS,
    MID_OCTOBER,
    OCTOBER,
    SINCE_OCTOBER,
    calls,
    contract,
    euros,
    fee,
    plan,
    price,
    subscription,
    usage_charge,
)

TENTH = datetime(2026, 10, 10, tzinfo=UTC)
TWENTIETH = datetime(2026, 10, 20, tzinfo=UTC)


def rated(
    *windows: WindowUsage,
    agreed: Contract | None = None,
    plans: tuple[Plan, ...] | None = None,
    beside: Contract | None = None,
    opening: tuple[CarriedLevel, ...] = (),
    ahead: Period | None = None,
) -> RatedContract:
    agreed = agreed or contract()
    plans = plans or (plan(BASE_FEE, GRADUATED_CALLS),)
    return rate_contract(
        account=CustomerAccount(customer=ACME, contracts=(agreed, beside) if beside else (agreed,)),
        contract=agreed,
        plans={one.plan_id: one for one in plans},
        billing_period=OCTOBER.period,
        windows=windows,
        opening=opening,
        ahead=ahead,
    )


def amounts(result: RatedContract) -> dict[str, Decimal]:
    return {charge.charge_id: charge.precise_amount for charge in result.charges}


def codes(result: RatedContract) -> list[str]:
    return [issue.code for issue in result.issues]


def test_a_whole_month_owes_its_fee_and_its_usage() -> None:
    assert amounts(rated(calls(150))) == {"base-fee": Decimal(99), "api-calls": Decimal("12.50")}


def test_a_fee_needs_no_usage_and_a_charge_without_usage_makes_no_line() -> None:
    assert amounts(rated()) == {"base-fee": Decimal(99)}


def test_tiers_span_all_windows_of_the_month() -> None:
    assert amounts(rated(calls(75), calls(75, at=TENTH)))["api-calls"] == Decimal("12.50")


def test_a_first_tiers_flat_amount_is_due_without_usage() -> None:
    minimum = usage_charge(price(Graduated((Tier(None, Decimal(1), Decimal(5)),))))

    assert amounts(rated(plans=(plan(minimum),))) == {"api-calls": Decimal(5)}


def test_a_part_of_a_month_owes_its_usage_and_says_that_the_fee_is_not_prorated() -> None:
    result = rated(calls(150), agreed=contract(subscription(active=Period(TENTH, None))))

    assert amounts(result) == {"api-calls": Decimal("12.50")}
    assert codes(result) == ["FEE_NOT_PRORATED"]
    assert result.issues[0].severity is Severity.WARNING


def test_usage_is_billed_to_the_subscription_of_its_time() -> None:
    before = subscription(active=Period(OCTOBER.start, TENTH), name="s-old")
    after = subscription(active=Period(TENTH, None), name="s-new")

    result = rated(calls(10, at=OCTOBER.start), calls(20), agreed=contract(before, after))

    usage = {charge.subscription_id: charge.quantity for charge in result.charges}
    assert usage == {"s-old": Decimal(10), "s-new": Decimal(20)}


def test_nothing_is_owed_before_the_contract_starts() -> None:
    later = contract(active=Period(datetime(2026, 12, 1, tzinfo=UTC), None))

    assert rated(agreed=later) == RatedContract((), ())


def test_usage_without_a_price_is_an_issue_and_not_a_gift() -> None:
    dollars = usage_charge(price(PerUnit(Decimal(1)), code="USD"))

    result = rated(calls(5), plans=(plan(BASE_FEE, dollars),))

    assert codes(result) == ["PRICE_MISSING"]
    assert amounts(result) == {"base-fee": Decimal(99)}


def test_a_level_that_carried_in_is_usage_without_a_price_too_and_no_usage_is_none() -> None:
    dollars = plan(usage_charge(price(PerUnit(Decimal(1)), code="USD")))
    carried = CarriedLevel(
        meter=API_CALLS,
        aggregation=Aggregation.LATEST,
        dimensions=(),
        level=Level(OCTOBER.start - timedelta(days=9), "crm", "seats", Decimal(5)),
    )

    assert codes(rated(plans=(dollars,), opening=(carried,))) == ["PRICE_MISSING"]
    assert codes(rated(plans=(dollars,))) == []


def test_a_fee_without_a_price_is_an_issue() -> None:
    ended = fee(price(Flat(Decimal(99)), valid=Period(datetime(2026, 1, 1, tzinfo=UTC), TENTH.replace(month=9))))

    assert codes(rated(plans=(plan(ended),))) == ["PRICE_MISSING"]


def test_usage_that_no_charge_takes_is_an_issue() -> None:
    european = usage_charge(price(PerUnit(Decimal(1))), match=(("region", "eu"),))

    result = rated(calls(5, dimensions=(("region", "us"), ("tier", "gold"))), plans=(plan(european),))

    assert [told(issue) for issue in result.issues] == [
        (
            "critical",
            "api_calls",
            "usage of api_calls (region=us, tier=gold) has no charge in any subscription of its time",
        )
    ]
    (without,) = rated(calls(5), plans=(plan(european),)).issues
    assert "api_calls (no dimensions) has no charge" in without.message


def test_usage_that_another_contract_bills_is_no_issue() -> None:
    fees_only = contract(subscription(plan_id="fees"), contract_id="c-fees")

    result = rated(
        calls(5), agreed=fees_only, plans=(plan(BASE_FEE, plan_id="fees"), plan(GRADUATED_CALLS)), beside=contract()
    )

    assert codes(result) == []
    assert amounts(result) == {"base-fee": Decimal(99)}


@pytest.mark.parametrize("change", [TENTH, TWENTIETH])
def test_a_price_change_within_the_month_takes_effect_with_the_next_one(change: datetime) -> None:
    cheap = price(PerUnit(Decimal("0.10")), valid=Period(SINCE_OCTOBER.start, change))
    dear = price(PerUnit(Decimal("0.20")), valid=Period(change, None))

    result = rated(calls(10, at=MID_OCTOBER), plans=(plan(usage_charge(cheap, dear)),))

    assert amounts(result) == {"api-calls": Decimal("1.00")}
    assert codes(result) == ["PRICE_CHANGES_WITHIN_PERIOD"]


def test_each_issue_says_what_it_is_of_and_why() -> None:
    dollars = usage_charge(price(PerUnit(Decimal(1)), code="USD"))
    few_seats = fee(price(Graduated((Tier(Decimal(0), Decimal(1)),))))
    half = contract(subscription(active=Period(TENTH, None)))

    (no_price,) = rated(calls(5), plans=(plan(dollars),)).issues
    (too_many,) = rated(plans=(plan(few_seats),)).issues
    (not_whole,) = rated(agreed=half).issues

    assert told(no_price) == (
        "critical",
        "s-acme/api-calls",
        f"no EUR price is in force at the start of {OCTOBER.period}",
    )
    assert told(too_many) == ("critical", "s-acme/base-fee", "no tier takes the units of 1 above 0")
    assert told(not_whole) == (
        "warning",
        "s-acme/base-fee",
        f"due only for {Period(TENTH, OCTOBER.end)}: fees are billed for whole periods, so this one is not",
    )


def test_usage_beyond_its_tiers_and_a_price_that_changes_say_so_too() -> None:
    few = usage_charge(price(Graduated((Tier(Decimal(3), Decimal(1)),))))
    changing = usage_charge(
        price(PerUnit(Decimal(1)), valid=Period(SINCE_OCTOBER.start, TENTH)),
        price(PerUnit(Decimal(2)), valid=Period(TENTH, None)),
    )

    (beyond,) = rated(calls(5), plans=(plan(few),)).issues
    (change,) = rated(calls(5), plans=(plan(changing),)).issues

    assert told(beyond) == ("critical", "s-acme/api-calls", "no tier takes the units of 5 above 3")
    assert told(change) == (
        "warning",
        "s-acme/api-calls",
        f"the price changes within {OCTOBER.period}; all of it is rated at the price of its start",
    )


def told(issue: Issue) -> tuple[str, str, str]:
    return issue.severity, issue.path, issue.message


def test_a_fee_whose_price_changes_within_the_month_says_so_unless_none_is_due() -> None:
    changing = fee(
        price(Flat(Decimal(99)), valid=Period(SINCE_OCTOBER.start, TENTH)),
        price(Flat(Decimal(89)), valid=Period(TENTH, None)),
    )
    paused = replace(subscription(), pauses=(Period(OCTOBER.start, TENTH),))

    due, not_due = rated(plans=(plan(changing),)), rated(plans=(plan(changing),), agreed=contract(paused))

    assert amounts(due) == {"base-fee": Decimal(99)}
    assert codes(due) == ["PRICE_CHANGES_WITHIN_PERIOD"]
    assert codes(not_due) == ["FEE_NOT_PRORATED"]


def test_an_adjustment_of_a_charge_is_a_line_of_that_charge() -> None:
    ten_percent = PercentageDiscount(adjustment_id=AdjustmentId("partner"), valid=ALWAYS, percent=Decimal(10))
    discounted = replace(GRADUATED_CALLS, adjustments=(ten_percent,), description="API calls")

    result = rated(calls(150), plans=(plan(discounted),))

    assert result.adjustments == (
        RatedAdjustment(
            applied=Applied(
                adjustment_id=AdjustmentId("partner"),
                kind=AdjustmentKind.PERCENTAGE_DISCOUNT,
                target="s-acme/api-calls",
                of_charge=True,
            ),
            subscription_id=SubscriptionId("s-acme"),
            charge_id=ChargeId("api-calls"),
            product_id=ProductId("api"),
            taxed_as=ProductId("api"),
            description="API calls",
            terms="10 % off",
            arithmetic="10 % of 12.50 EUR",
            precise_amount=Decimal("-1.25"),
            currency=EUR,
            service_period=OCTOBER.period,
        ),
    )


def test_adjustments_of_a_charge_follow_in_their_order_whatever_theirs_in_the_plan() -> None:
    """150 calls are 12.50 EUR; 20 % off are 10.00; at least 11.00; at most 9.50 of both."""
    agreed = (
        Maximum(adjustment_id=AdjustmentId("cap"), valid=ALWAYS, amounts=(euros("9.50"),)),
        Minimum(adjustment_id=AdjustmentId("floor"), valid=ALWAYS, amounts=(euros("11"),), product_id=ProductId("api")),
        PercentageDiscount(adjustment_id=AdjustmentId("partner"), valid=ALWAYS, percent=Decimal(20)),
        PercentageDiscount(
            adjustment_id=AdjustmentId("past"), valid=Period(ALWAYS.start, OCTOBER.start), percent=Decimal(50)
        ),
    )

    result = rated(calls(150), plans=(plan(replace(GRADUATED_CALLS, adjustments=agreed)),))

    assert [(one.name, str(one.amount)) for one in result.adjustments] == [
        ("s-acme/api-calls+partner", "-2.50 EUR"),
        ("s-acme/api-calls+floor", "1.00 EUR"),
        ("s-acme/api-calls+cap", "-1.36 EUR"),
        ("s-acme/api-calls+floor+cap", "-0.14 EUR"),
    ]


def test_fees_in_advance_of_the_period_and_of_the_one_ahead_are_told_apart() -> None:
    in_advance = replace(BASE_FEE, fee=FeeTerms(billed=Billed.IN_ADVANCE))
    ahead = Period(OCTOBER.end, OCTOBER.end + timedelta(days=30))

    result = rated(calls(150), plans=(plan(in_advance, GRADUATED_CALLS),), ahead=ahead)

    assert [(one.charge_id, one.service_period) for one in result.charges] == [
        ("api-calls", OCTOBER.period),
        ("base-fee", ahead),
    ]
    assert [(one.charge_id, one.service_period) for one in result.in_advance] == [("base-fee", OCTOBER.period)]


def test_what_is_not_due_or_has_no_price_is_not_raised_to_a_minimum() -> None:
    floor = Minimum(
        adjustment_id=AdjustmentId("floor"), valid=ALWAYS, amounts=(euros("50"),), product_id=ProductId("missing")
    )
    fee_of_nothing = replace(fee(price(Flat(Decimal(5)))), adjustments=(floor,))
    in_dollars = usage_charge(price(PerUnit(Decimal(1)), code="USD"))
    paused = replace(subscription(), pauses=(OCTOBER.period,))

    not_due = rated(plans=(plan(fee_of_nothing),), agreed=contract(paused))
    no_price = rated(calls(5), plans=(plan(replace(in_dollars, adjustments=(floor,))),))

    assert (not_due.charges, not_due.adjustments) == ((), ())
    assert (codes(no_price), no_price.adjustments) == (["PRICE_MISSING"], ())


def test_a_minimum_of_a_charge_is_its_share_of_the_days_of_its_subscription() -> None:
    """From the 10th on, in Berlin, are 22 of October's 31 days."""
    floor = Minimum(
        adjustment_id=AdjustmentId("floor"), valid=ALWAYS, amounts=(euros("31"),), product_id=ProductId("missing")
    )
    charge = replace(GRADUATED_CALLS, adjustments=(floor,), description="API calls")

    (line,) = rated(plans=(plan(charge),), agreed=contract(subscription(active=Period(TENTH, None)))).adjustments

    assert (line.name, line.subscription_id, line.charge_id) == ("s-acme/api-calls+floor", "s-acme", "api-calls")
    assert (line.description, line.arithmetic) == ("API calls", "22.00 EUR for 22 of 31 days less 0.00 EUR")


def test_free_units_are_told_before_what_the_rest_costs() -> None:
    fifty_free = UsageDiscount(adjustment_id=AdjustmentId("free"), valid=ALWAYS, units=Decimal(50))
    charge = replace(GRADUATED_CALLS, adjustments=(fifty_free,))

    (calls_of_october,) = rated(calls(150), plans=(plan(charge),)).charges

    assert calls_of_october.price == "graduated: to 100 0.1 each, above 0.05 each, 50 units free"
    assert [(part.label, part.quantity, part.amount) for part in calls_of_october.parts] == [
        ("50 units free", Decimal(50), Decimal(0)),
        ("tier 1: to 100", Decimal(100), Decimal(10)),
    ]
