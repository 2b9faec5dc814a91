"""Rating a contract: fees for whole periods, usage for the time of the subscription, nothing unbilled in silence."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.domain.issue import Severity
from shared.domain.master_data.catalog import Contract, CustomerAccount, Plan
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.rating.charge_models import Flat, Graduated, PerUnit, Tier
from shared.domain.rating.contract import RatedContract, rate_contract
from shared.domain.time_period import Period
from tests.builders.billing import (
    ACME,
    BASE_FEE,
    GRADUATED_CALLS,
    MID_OCTOBER,
    OCTOBER,
    SINCE_OCTOBER,
    calls,
    contract,
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
) -> RatedContract:
    agreed = agreed or contract()
    plans = plans or (plan(BASE_FEE, GRADUATED_CALLS),)
    return rate_contract(
        account=CustomerAccount(customer=ACME, contracts=(agreed, beside) if beside else (agreed,)),
        contract=agreed,
        plans={one.plan_id: one for one in plans},
        billing_period=OCTOBER.period,
        windows=windows,
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


def test_a_fee_without_a_price_is_an_issue() -> None:
    ended = fee(price(Flat(Decimal(99)), valid=Period(datetime(2026, 1, 1, tzinfo=UTC), TENTH.replace(month=9))))

    assert codes(rated(plans=(plan(ended),))) == ["PRICE_MISSING"]


def test_usage_that_no_charge_takes_is_an_issue() -> None:
    european = usage_charge(price(PerUnit(Decimal(1))), match=(("region", "eu"),))

    result = rated(calls(5, dimensions=(("region", "us"),)), plans=(plan(european),))

    assert codes(result) == ["PRICE_MISSING"]
    assert "region=us" in result.issues[0].message


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
