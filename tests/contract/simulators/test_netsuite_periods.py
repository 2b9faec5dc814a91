"""The accounting calendar of a simulated NetSuite account."""

from datetime import date

from simulators.erp.netsuite.accounting_periods import all_periods


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
