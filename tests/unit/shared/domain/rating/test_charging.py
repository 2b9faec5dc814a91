"""Who charges usage: only contracts that have a charge for it, at its time; without any, it is a matter of all."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.domain.identifiers import PlanId
from shared.domain.master_data.catalog import Contract
from shared.domain.money import currency
from shared.domain.rating.charge_models import Percentage, PerUnit
from shared.domain.rating.charging import charging_contracts
from shared.domain.time_period import Period
from shared.domain.usage.event import Dimensions
from tests.builders.billing import BASE_FEE, MID_OCTOBER, calls, contract, plan, price, subscription, usage_charge

EUROPE, AMERICA = (("region", "eu"),), (("region", "us"),)
ONE_EACH = price(PerUnit(Decimal(1)))
PLANS = {
    PlanId("growth"): plan(BASE_FEE, usage_charge(ONE_EACH, match=EUROPE)),
    PlanId("fees"): plan(BASE_FEE),
}
SINCE_NOON = Period(MID_OCTOBER, None)
UNTIL_NOON = Period(datetime(2026, 1, 1, tzinfo=UTC), MID_OCTOBER)
EUROPEAN, FEES = contract(), contract(subscription(plan_id="fees"), contract_id="c-fees")


def charging(*contracts: Contract, dimensions: Dimensions = EUROPE) -> list[str]:
    window = calls(1, dimensions=dimensions).key  # at noon
    return [one.contract_id for one in charging_contracts(window, contracts, PLANS)]


def test_usage_is_of_the_contract_that_has_a_charge_for_it() -> None:
    assert charging(FEES, EUROPEAN) == ["c-acme"]


def test_usage_that_none_has_a_charge_for_is_a_matter_of_every_contract() -> None:
    assert charging(FEES, EUROPEAN, dimensions=AMERICA) == ["c-fees", "c-acme"]


@pytest.mark.parametrize(
    "ended", [contract(active=UNTIL_NOON), contract(subscription(active=UNTIL_NOON))], ids=["contract", "subscription"]
)
def test_what_has_ended_at_noon_does_not_charge_the_usage_of_noon(ended: Contract) -> None:
    begun = contract(subscription(active=SINCE_NOON), contract_id="c-begun", active=SINCE_NOON)

    assert charging(ended, begun) == ["c-begun"]


def test_a_charge_of_any_subscription_will_do() -> None:
    both = contract(subscription(plan_id="fees"), subscription(name="s-calls"), contract_id="c-both")

    assert charging(FEES, both) == ["c-both"]


def test_payments_in_dollars_are_of_no_contract_in_euros() -> None:
    two_percent = Percentage(rate=Decimal("0.02"))
    of_money = usage_charge(price(two_percent), price(two_percent, code="USD"))
    plans = {PlanId("growth"): plan(of_money)}
    in_euros, in_dollars = contract(), replace(contract(contract_id="c-dollars"), currency=currency("USD"))
    window = calls(1, dimensions=(("currency", "USD"),)).key

    assert charging_contracts(window, (in_euros, in_dollars), plans) == (in_dollars,)
