"""Prices that begin some billing periods or months after the start: on edges of the customer's calendar."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.domain.identifiers import ChargeId
from shared.domain.master_data.catalog import AgreedPrice, Contract, Price
from shared.domain.master_data.price_phase import CountedFrom, PhaseUnit, PricePhase
from shared.domain.rating.charge_models import Flat
from shared.domain.rating.contract import rate_contract
from shared.domain.subscriptions.anniversary import BillingCycle
from shared.domain.subscriptions.fee_terms import FeeTerms
from shared.domain.subscriptions.proration import Proration
from shared.domain.time_period import Period
from tests.builders.billing import BERLIN, account, contract, fee, plan, price, subscription

FEBRUARY_15 = datetime(2026, 2, 14, 23, tzinfo=UTC)  # midnight in Berlin
JANUARY_31 = datetime(2026, 1, 30, 23, tzinfo=UTC)


def after(number: int, amount: int, unit: str = "billing_periods", of: str = "contract") -> Price:
    phase = PricePhase(after=number, unit=PhaseUnit(unit), counted_from=CountedFrom(of))
    return replace(price(Flat(Decimal(amount))), phase=phase)


def since(start: datetime, *, cycle: BillingCycle | None = None) -> Contract:
    one = contract(subscription(active=Period(start, None)), active=Period(start, None))
    return replace(one, billing=cycle) if cycle else one


def fees(agreed: Contract, *prices: Price, periods: int = 5) -> list[tuple[str, int]]:
    """Return what the fee is priced at in each of the first billing periods, by the day on which it starts."""
    found = []
    calendar = agreed.billing_calendar(BERLIN).periods_from(agreed.active.start, BERLIN)
    for period, _ in zip(calendar, range(periods), strict=False):
        rated = rate_contract(
            account=account(agreed),
            contract=agreed,
            plans={one.plan_id: one for one in (plan(replace(fee(*prices), fee=FeeTerms(proration=Proration.DAYS))),)},
            billing_period=period.period,
            windows=(),
        )
        assert not rated.issues
        amount = int(rated.charges[0].price.removeprefix("agreed price: ").removeprefix("flat "))
        found.append((f"{period.start.astimezone(BERLIN):%Y-%m-%d}", amount))
    return found


def test_a_phase_begins_with_the_billing_period_after_so_many() -> None:
    ramp = (price(Flat(Decimal(10))), after(1, 20), after(3, 30))

    assert fees(since(FEBRUARY_15), *ramp) == [
        ("2026-02-01", 10),
        ("2026-03-01", 20),
        ("2026-04-01", 20),
        ("2026-05-01", 30),
        ("2026-06-01", 30),
    ]


def test_months_that_end_within_a_billing_period_hold_from_the_next_one() -> None:
    ramp = (price(Flat(Decimal(10))), after(1, 20, "months"))

    assert fees(since(FEBRUARY_15), *ramp, periods=4)[1:] == [
        ("2026-03-01", 10),
        ("2026-04-01", 20),
        ("2026-05-01", 20),
    ]


def test_months_of_a_contract_that_is_billed_on_its_day_end_with_its_billing_periods() -> None:
    ramp = (price(Flat(Decimal(10))), after(1, 20, "months"), after(2, 30, "months"))

    assert fees(since(JANUARY_31, cycle=BillingCycle(anchor_day=31)), *ramp, periods=4) == [
        ("2026-01-31", 10),
        ("2026-02-28", 20),
        ("2026-03-31", 30),
        ("2026-04-30", 30),
    ]


def test_of_two_phases_that_begin_with_one_billing_period_the_later_one_holds() -> None:
    """Billed by quarters, both one month and two months have passed when the next one starts."""
    ramp = (price(Flat(Decimal(10))), after(2, 30, "months"), after(1, 20, "months"))
    january = datetime(2025, 12, 31, 23, tzinfo=UTC)

    for prices in (ramp, ramp[::-1]):
        assert fees(since(january, cycle=BillingCycle(every_months=3)), *prices, periods=2) == [
            ("2026-01-01", 10),
            ("2026-04-01", 30),
        ]


def test_a_phase_without_a_price_before_it_leaves_the_first_billing_period_without_one() -> None:
    agreed = since(FEBRUARY_15)
    february = next(agreed.billing_calendar(BERLIN).periods_from(FEBRUARY_15, BERLIN))

    rated = rate_contract(
        account=account(agreed),
        contract=agreed,
        plans={one.plan_id: one for one in (plan(fee(after(1, 20))),)},
        billing_period=february.period,
        windows=(),
    )

    assert (rated.charges, [issue.code for issue in rated.issues]) == ((), ["PRICE_MISSING"])


def test_a_ramp_that_was_agreed_comes_before_the_price_book() -> None:
    steps = tuple(
        AgreedPrice(charge_id=ChargeId("base-fee"), price=replace(one, agreed=True))
        for one in (after(1, 5), after(2, 7))
    )

    assert fees(replace(since(FEBRUARY_15), prices=steps), price(Flat(Decimal(10))), periods=3) == [
        ("2026-02-01", 10),
        ("2026-03-01", 5),
        ("2026-04-01", 7),
    ]


@pytest.mark.parametrize(("of", "amount"), [("contract", 20), ("subscription", 10)])
def test_a_phase_counts_from_the_contract_or_from_the_subscription(of: str, amount: int) -> None:
    agreed = since(FEBRUARY_15)
    later = replace(agreed, subscriptions=(subscription(active=Period(datetime(2026, 3, 31, 22, tzinfo=UTC), None)),))
    april = next(
        one
        for one in later.billing_calendar(BERLIN).periods_from(FEBRUARY_15, BERLIN)
        if one.start >= later.subscriptions[0].active.start
    )

    rated = rate_contract(
        account=account(later),
        contract=later,
        plans={one.plan_id: one for one in (plan(fee(price(Flat(Decimal(10))), after(1, 20, of=of))),)},
        billing_period=april.period,
        windows=(),
    )

    assert [charge.precise_amount for charge in rated.charges] == [amount]
