"""Which calendar months are held against the archive: those that are due, and lately ended ones of longer periods."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.invoicing.months_to_verify import VERIFIED_WITHIN, months_ended_lately, months_of_due
from shared.domain.master_data.catalog import Contract
from shared.domain.subscriptions.anniversary import BillingCycle
from shared.domain.time_period import BillingPeriod, Period, local_midnight
from tests.builders.billing import BERLIN, contract


def midnight(month: int, day: int = 1, *, year: int = 2026) -> datetime:
    return local_midnight(date(year, month, day), BERLIN)


def quarterly(since: datetime = datetime(2026, 3, 31, 22, tzinfo=UTC)) -> Contract:
    return replace(contract(active=Period(since, None)), billing=BillingCycle(every_months=3))


def test_a_quarter_that_is_due_is_verified_month_by_month() -> None:
    quarter = BillingPeriod("2026-10-01", midnight(10), midnight(1, year=2027))

    months = list(months_of_due(quarter, BERLIN, sealed_through=midnight(1, 3, year=2027)))

    assert months == [
        BillingPeriod("2026-10", midnight(10), midnight(11)),
        BillingPeriod("2026-11", midnight(11), midnight(12)),
        BillingPeriod("2026-12", midnight(12), midnight(1, year=2027)),
    ]


def test_a_month_that_goes_on_after_the_period_is_verified_as_far_as_it_is_sealed() -> None:
    to_mid_november = BillingPeriod("2026-10-15", midnight(10, 15), midnight(11, 15))

    months = list(months_of_due(to_mid_november, BERLIN, sealed_through=midnight(11, 17)))

    assert months == [
        BillingPeriod("2026-10", midnight(10), midnight(11)),
        BillingPeriod("2026-11", midnight(11), midnight(11, 17)),
    ]


def names(agreed: Contract, sealed_through: datetime) -> list[str]:
    return [month.name for month in months_ended_lately(agreed, BERLIN, sealed_through=sealed_through)]


def test_the_last_three_months_of_a_longer_period_are_verified_after_each_of_them() -> None:
    assert names(quarterly(), midnight(11)) == ["2026-10", "2026-09", "2026-08"]
    assert next(months_ended_lately(quarterly(), BERLIN, sealed_through=midnight(11))) == BillingPeriod(
        "2026-10", midnight(10), midnight(11)
    )


@pytest.mark.parametrize(
    ("after", "verified"), [(timedelta(0), 3), (VERIFIED_WITHIN - timedelta(seconds=1), 3), (VERIFIED_WITHIN, 0)]
)
def test_they_are_verified_in_the_first_days_of_the_next_month_only(after: timedelta, verified: int) -> None:
    assert len(names(quarterly(), midnight(11) + after)) == verified


def test_what_is_billed_by_months_is_verified_when_it_is_due() -> None:
    assert names(contract(), midnight(11)) == []
    assert names(replace(contract(), billing=BillingCycle(every_months=12)), midnight(11)) == ["2026-10"]


def test_months_before_the_contract_are_not_verified() -> None:
    assert names(quarterly(midnight(9, 15)), midnight(11)) == ["2026-10", "2026-09"]
