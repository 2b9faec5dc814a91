"""The accounting calendar of a simulated NetSuite account."""

from datetime import date

from simulators.erp.netsuite.accounting_periods import all_periods
from tests.contract.simulators.callers import NetSuite


def test_months_outside_of_the_open_window_are_closed_before_and_locked_after() -> None:
    periods = {
        period.name: (period.closed, period.locks_receivables)
        for period in all_periods(open_from=date(2026, 3, 15), open_to=date(2026, 4, 30)).values()
    }

    assert periods["Feb 2026"] == (True, True)
    assert periods["Mar 2026"] == (False, False)
    assert periods["Apr 2026"] == (False, False)
    assert periods["May 2026"] == (False, True)


def test_every_day_is_in_exactly_one_month_quarter_and_year() -> None:
    periods = all_periods(open_from=None, open_to=None).values()

    for day in (date(2010, 1, 1), date(2024, 2, 29), date(2026, 12, 31), date(2039, 12, 31)):
        assert sorted(period.name for period in periods if period.holds(day) and period.is_base) == [
            day.strftime("%b %Y")
        ]
        assert len([period for period in periods if period.holds(day)]) == 3


def test_a_period_for_adjustments_lies_beside_the_month_of_its_day(netsuite: NetSuite) -> None:
    netsuite.simulator.add_adjustment_period(date(2026, 3, 31))

    found = netsuite.query(
        "SELECT id, isadjust FROM accountingperiod WHERE isposting = 'T' AND isquarter = 'F' AND isyear = 'F'"
        " AND startdate <= TO_DATE('2026-03-31', 'YYYY-MM-DD') AND enddate >= TO_DATE('2026-03-31', 'YYYY-MM-DD')"
    ).json()["items"]

    assert [row["isadjust"] for row in found] == ["F", "T"]
    assert netsuite.get(f"/record/v1/accountingPeriod/{found[1]['id']}").json()["isAdjust"] is True
    netsuite.simulator.close_period(date(2026, 3, 31))
    assert netsuite.get(f"/record/v1/accountingPeriod/{found[0]['id']}").json()["closed"] is True
