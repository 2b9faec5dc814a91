"""A price list that starts on a date starts with the month of every customer, wherever it is."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from shared.domain.master_data.catalog import CustomerAccount
from shared.domain.rating.charge_models import Flat
from shared.domain.rating.contract import rate_contract
from shared.domain.time_period import Period, billing_period_containing
from tests.builders.billing import ACME, MID_OCTOBER, contract, fee, plan, price, subscription

FIRST_OF_OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)  # as the price book's date is read
SINCE_JANUARY = Period(datetime(2026, 1, 1, tzinfo=UTC), None)
MID_SEPTEMBER = MID_OCTOBER.replace(month=9)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize(("month", "amount"), [(MID_SEPTEMBER, 99), (MID_OCTOBER, 109)])
def test_a_dated_price_starts_on_its_day_in_every_zone(zone: str, month: datetime, amount: int) -> None:
    customer = replace(ACME, time_zone=ZoneInfo(zone))
    agreed = replace(contract(replace(subscription(), active=SINCE_JANUARY)), active=SINCE_JANUARY)
    until_october = price(Flat(Decimal(99)), valid=Period(SINCE_JANUARY.start, FIRST_OF_OCTOBER))
    from_october = price(Flat(Decimal(109)), valid=Period(FIRST_OF_OCTOBER, None))
    fees = plan(fee(until_october, from_october))

    result = rate_contract(
        account=CustomerAccount(customer=customer, contracts=(agreed,)),
        contract=agreed,
        plans={fees.plan_id: fees},
        billing_period=billing_period_containing(month, customer.time_zone).period,
        windows=(),
    )

    assert [charge.precise_amount for charge in result.charges] == [Decimal(amount)]
    assert result.issues == ()
