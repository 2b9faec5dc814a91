"""Which billing periods a contract has, and which of them look at each other for usage that came late."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from shared.domain.invoicing.billing_calendar import (
    adjustable_periods,
    adjusting_periods,
    billing_period_after,
    billing_period_at,
    billing_periods,
    billing_periods_before,
    last_billing_periods,
    most_periods_adjusted,
    periods_after_the_end,
)
from shared.domain.master_data.catalog import Contract
from shared.domain.subscriptions.anniversary import BillingCycle
from shared.domain.time_period import BillingPeriod, Period, local_midnight
from tests.builders.billing import BERLIN, contract


def midnight(month: int, day: int = 1, *, year: int = 2026) -> datetime:
    return local_midnight(date(year, month, day), BERLIN)


SINCE_JANUARY = contract(active=Period(midnight(1), None))
QUARTERLY = replace(SINCE_JANUARY, billing=BillingCycle(every_months=3))


def names(periods: Iterable[BillingPeriod]) -> list[str]:
    return [period.name for period in periods]


def october(of: Contract = SINCE_JANUARY) -> BillingPeriod:
    return billing_period_at(of, datetime(2026, 10, 15, tzinfo=UTC), BERLIN)


@pytest.mark.parametrize(("every_months", "adjusted", "after"), [(1, 6, 2), (3, 3, 1), (12, 2, 1)])
def test_an_invoice_looks_back_as_far_as_the_ledger_counts(every_months: int, adjusted: int, after: int) -> None:
    assert (most_periods_adjusted(every_months), periods_after_the_end(every_months)) == (adjusted, after)
    assert most_periods_adjusted() == 6


def test_a_contract_goes_on_and_one_that_ended_is_billed_for_what_still_comes() -> None:
    until_march = replace(SINCE_JANUARY, active=Period(midnight(1), midnight(3)))

    assert names(islice(billing_periods(SINCE_JANUARY, BERLIN), 13))[-1] == "2027-01"
    assert names(billing_periods(until_march, BERLIN)) == ["2026-01", "2026-02", "2026-03", "2026-04"]


def test_an_instant_lies_in_a_period_of_the_customers_calendar() -> None:
    an_hour_before_october = midnight(10) - timedelta(hours=1)

    assert billing_period_at(SINCE_JANUARY, midnight(10), BERLIN) == BillingPeriod(
        "2026-10", midnight(10), midnight(11)
    )
    assert billing_period_at(SINCE_JANUARY, an_hour_before_october, BERLIN).name == "2026-09"
    assert billing_period_at(QUARTERLY, midnight(10), BERLIN).name == "2026-10-01"
    assert billing_period_after(SINCE_JANUARY, october(), BERLIN).name == "2026-11"


def test_periods_right_before_and_after_are_adjusted_and_adjust() -> None:
    assert names(adjustable_periods(SINCE_JANUARY, october(), BERLIN)) == [
        "2026-04",
        "2026-05",
        "2026-06",
        "2026-07",
        "2026-08",
        "2026-09",
    ]
    assert names(adjusting_periods(SINCE_JANUARY, october(), BERLIN)) == [
        "2026-11",
        "2026-12",
        "2027-01",
        "2027-02",
        "2027-03",
        "2027-04",
    ]
    assert names(adjustable_periods(QUARTERLY, october(QUARTERLY), BERLIN)) == [
        "2026-01-01",
        "2026-04-01",
        "2026-07-01",
    ]
    assert names(adjusting_periods(QUARTERLY, october(QUARTERLY), BERLIN)) == ["2027-01-01", "2027-04-01", "2027-07-01"]
    assert names(last_billing_periods(SINCE_JANUARY, october(), BERLIN, most=2)) == ["2026-08", "2026-09"]


@pytest.mark.parametrize(
    ("since", "first"),
    [
        (midnight(1), "2026-01"),
        (midnight(6), "2026-05"),
        (midnight(6, 15), "2026-05"),
        (midnight(7), "2026-06"),
        (midnight(10), "2026-09"),
    ],
)
def test_what_is_carried_since_an_instant_is_on_invoices_from_the_one_before_it(since: datetime, first: str) -> None:
    before = names(billing_periods_before(SINCE_JANUARY, october(), BERLIN, since))

    assert (before[0], before[-1]) == (first, "2026-09")
