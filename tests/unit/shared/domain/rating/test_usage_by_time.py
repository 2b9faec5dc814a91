"""Where credits begin or expire within a month, rating says what its usage came to before and after."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from shared.domain.identifiers import AdjustmentId, CustomerId
from shared.domain.master_data.catalog import Charge
from shared.domain.metering.aggregate import LevelsState, TransactionsState, WindowKey, WindowUsage
from shared.domain.metering.carried import CarriedLevel
from shared.domain.metering.levels import Level
from shared.domain.metering.meter import Aggregation
from shared.domain.metering.transactions import Transaction
from shared.domain.rating.adjustments import Credit, UsageDiscount
from shared.domain.rating.charge_models import Flat, Percentage, PerUnit
from shared.domain.rating.contract import rate_contract
from shared.domain.time_period import Period
from tests.builders.billing import (
    ALWAYS,
    API_CALLS,
    GRADUATED_CALLS,
    MID_OCTOBER,
    OCTOBER,
    account,
    calls,
    contract,
    euros,
    plan,
    price,
    usage_charge,
)

BEFORE, AFTER = Period(OCTOBER.start, MID_OCTOBER), Period(MID_OCTOBER, OCTOBER.end)
EARLY, LATE = MID_OCTOBER - timedelta(days=5), MID_OCTOBER + timedelta(days=5)
UNTIL_MID_OCTOBER = Credit(adjustment_id=AdjustmentId("grant"), valid=BEFORE, amount=euros("100"))


def by_time(
    charge: Charge, *windows: WindowUsage, agreed: Credit = UNTIL_MID_OCTOBER, opening: tuple[CarriedLevel, ...] = ()
) -> tuple[tuple[Period, Decimal], ...]:
    credited = replace(contract(), adjustments=(agreed,))
    rated = rate_contract(
        account=account(credited),
        contract=credited,
        plans={one.plan_id: one for one in (plan(charge),)},
        billing_period=OCTOBER.period,
        windows=windows,
        opening=opening,
    )
    (one,) = rated.charges
    return one.by_time


def test_usage_fills_free_units_and_tiers_in_the_order_in_which_it_happened() -> None:
    """50 calls are free, then 100 cost 0.10 each and further ones 0.05: 80 and then 120."""
    fifty_free = UsageDiscount(adjustment_id=AdjustmentId("free"), valid=ALWAYS, units=Decimal(50))
    charge = replace(GRADUATED_CALLS, adjustments=(fifty_free,))

    assert by_time(charge, calls(120, at=LATE), calls(80, at=EARLY)) == (
        (BEFORE, Decimal("3.00")),
        (AFTER, Decimal("9.50")),
    )


def test_payments_come_with_their_own_time() -> None:
    windows = [
        WindowUsage(
            WindowKey(CustomerId("acme"), API_CALLS, at, (("currency", "EUR"),)),
            1,
            TransactionsState((Transaction(at, "shop", "1", Decimal(amount)),)),
        )
        for at, amount in ((EARLY, 40), (LATE, 999))
    ]
    charge = usage_charge(price(Percentage(rate=Decimal("0.02"), free_transactions=1)))

    assert by_time(charge, *windows) == ((BEFORE, Decimal(0)), (AFTER, Decimal("19.98")))


def test_a_level_that_carried_in_comes_to_its_share_of_the_month_in_each_part() -> None:
    month = OCTOBER.end - OCTOBER.start
    middle = OCTOBER.start + month / 2
    carried = CarriedLevel(
        meter=API_CALLS,
        aggregation=Aggregation.WEIGHTED_SUM,
        dimensions=(),
        level=Level(OCTOBER.start - timedelta(days=3), "crm", "seats-4", Decimal(4)),
    )
    grown = WindowUsage(
        WindowKey(CustomerId("acme"), API_CALLS, middle, ()),
        1,
        LevelsState((Level(middle, "crm", "seats-6", Decimal(6)),)),
    )
    until_the_middle = replace(UNTIL_MID_OCTOBER, valid=Period(OCTOBER.start, middle))
    charge = usage_charge(price(PerUnit(Decimal(10))))

    assert by_time(charge, grown, agreed=until_the_middle, opening=(carried,)) == (
        (Period(OCTOBER.start, middle), Decimal(20)),
        (Period(middle, OCTOBER.end), Decimal(30)),
    )


def test_nobody_asks_for_it_where_no_credit_begins_or_expires_within_the_month() -> None:
    all_october = replace(UNTIL_MID_OCTOBER, valid=OCTOBER.period)

    assert by_time(usage_charge(price(Flat(Decimal(5)))), calls(1), agreed=all_october) == ()
