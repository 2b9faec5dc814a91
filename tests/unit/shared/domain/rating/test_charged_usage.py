"""Usage reaches a charge model in its own form: each transaction, levels as they moved, money in one currency."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from shared.domain.identifiers import CustomerId, MeterCode, PlanId
from shared.domain.master_data.catalog import Charge, CustomerAccount
from shared.domain.metering.aggregate import (
    LevelsState,
    SumState,
    TransactionsState,
    WindowKey,
    WindowUsage,
    merge_windows,
)
from shared.domain.metering.carried import CarriedLevel
from shared.domain.metering.levels import Level
from shared.domain.metering.meter import Aggregation
from shared.domain.metering.transactions import Transaction
from shared.domain.rating.charge_models import (
    ChargeModel,
    Dynamic,
    GraduatedProrated,
    Percentage,
    StairstepByUnit,
    Tier,
    UnitStep,
)
from shared.domain.rating.contract import RatedContract, rate_contract
from tests.builders.billing import ACME, API_CALLS, MID_OCTOBER, OCTOBER, contract, plan, price, usage_charge

IN_EUROS = (("currency", "EUR"),)
IN_DOLLARS = (("currency", "USD"),)
HALF_A_EURO_AT_LEAST = Percentage(rate=Decimal("0.02"), minimum=Decimal("0.50"))
FIRST_FREE = replace(HALF_A_EURO_AT_LEAST, free_transactions=1)


def window(
    state: SumState | TransactionsState | LevelsState,
    *,
    at: datetime = MID_OCTOBER,
    dimensions: tuple[tuple[str, str], ...] = IN_EUROS,
) -> WindowUsage:
    return WindowUsage(WindowKey(CustomerId("acme"), MeterCode(API_CALLS), at, dimensions), 1, state)


def payment(amount: str, *, day: int) -> WindowUsage:
    at = MID_OCTOBER + timedelta(days=day)
    return window(TransactionsState((Transaction(at, "shop", f"payment-{day}", Decimal(amount)),)), at=at)


def seats(count: int, *, at: datetime) -> WindowUsage:
    return window(LevelsState((Level(at, "crm", f"seats-{count}", Decimal(count)),)), at=at, dimensions=())


def rated(model: ChargeModel, windows: Sequence[WindowUsage], *, opening: Sequence[CarriedLevel] = ()) -> RatedContract:
    charge: Charge = usage_charge(price(model))
    agreed = contract()
    return rate_contract(
        account=CustomerAccount(customer=ACME, contracts=(agreed,)),
        contract=agreed,
        plans={PlanId("growth"): plan(charge)},
        billing_period=OCTOBER.period,
        windows=windows,
        opening=opening,
    )


def amount(result: RatedContract) -> Decimal:
    (charge,) = result.charges
    return charge.precise_amount


def test_a_percentage_is_one_of_each_payment_and_not_of_their_sum() -> None:
    result = rated(HALF_A_EURO_AT_LEAST, [payment("1", day=1), payment("999", day=2)])

    assert amount(result) == Decimal("20.48")
    assert result.charges[0].quantity == Decimal(1000)


@pytest.mark.parametrize("seed", range(5))
def test_which_payments_are_free_does_not_depend_on_which_arrive_first(seed: int) -> None:
    payments = [payment("40", day=1), payment("1", day=2), payment("999", day=3)]
    Random(seed).shuffle(payments)

    assert amount(rated(FIRST_FREE, payments)) == Decimal("20.48")


def test_a_late_payment_of_an_earlier_time_is_free_instead_of_the_one_that_was() -> None:
    on_time = [payment("40", day=2), payment("999", day=3)]
    late = payment("10", day=1)

    before, after = amount(rated(FIRST_FREE, on_time)), amount(rated(FIRST_FREE, [*on_time, late]))

    assert (before, after) == (Decimal("19.98"), Decimal("20.78"))


def test_payments_of_one_window_in_several_slots_are_all_of_them() -> None:
    one, other = payment("1", day=1), payment("999", day=1)

    assert amount(rated(HALF_A_EURO_AT_LEAST, merge_windows([one, other]))) == Decimal("20.48")


def test_money_in_another_currency_is_not_taken_and_not_lost() -> None:
    euros, dollars = window(SumState(Decimal(10))), window(SumState(Decimal(7)), dimensions=IN_DOLLARS)

    result = rated(Dynamic(Decimal("1.2")), [euros, dollars])

    assert amount(result) == Decimal(12)
    assert [issue.message for issue in result.issues] == [
        "usage of api_calls (currency=USD) has no charge in any subscription of its time"
    ]


def test_seats_pay_in_each_tier_for_the_share_of_the_month_for_which_they_are_there() -> None:
    month = OCTOBER.end - OCTOBER.start
    carried = CarriedLevel(
        meter=API_CALLS,
        aggregation=Aggregation.WEIGHTED_SUM,
        dimensions=(),
        level=Level(OCTOBER.start - timedelta(days=3), "crm", "seats-5", Decimal(5)),
    )
    model = GraduatedProrated((Tier(Decimal(5), Decimal(10), Decimal(100)), Tier(None, Decimal(5), Decimal(50))))

    result = rated(model, [seats(7, at=OCTOBER.start + month / 2)], opening=[carried])

    assert [(part.quantity, part.amount) for part in result.charges[0].parts] == [
        (Decimal(5), Decimal(150)),
        (Decimal(1), Decimal(55)),
    ]
    assert result.charges[0].quantity == Decimal(6)


def test_usage_of_a_kind_that_no_step_names_holds_the_invoice() -> None:
    model = StairstepByUnit(
        dimension="unit", steps=(UnitStep((("core", Decimal(5)),), Decimal(1)), UnitStep((("core", None),), Decimal(9)))
    )

    cores, disks = (window(SumState(Decimal(8)), dimensions=(("unit", unit),)) for unit in ("core", "disk"))

    assert amount(rated(model, [cores])) == Decimal(9)
    assert [issue.code for issue in rated(model, [cores, disks]).issues] == ["PRICE_MISSING"]
