"""Numbers have no gap, dates never go back, and nothing is posted into a closed period."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identifiers import LegalEntityId
from shared.domain.invoicing.numbering import InvoiceSeries, advanced, posting_date
from tests.builders.billing import nimbus

NEW_SERIES = InvoiceSeries(legal_entity_id=LegalEntityId("nimbus-de"), prefix="DE-")


def test_a_series_starts_at_one() -> None:
    assert advanced(NEW_SERIES, today=date(2026, 11, 2)).last_number == "DE-000001"


def test_a_series_grows_past_its_digits() -> None:
    assert advanced(replace(NEW_SERIES, last=999_999), today=date(2026, 11, 2)).last_number == "DE-1000000"


@given(st.lists(st.dates(), min_size=1, max_size=20))
def test_numbers_have_no_gap_and_dates_never_go_back_whatever_the_clocks_say(days: list[date]) -> None:
    series, dates = NEW_SERIES, [NEW_SERIES.last_date]
    for day in days:
        series = advanced(series, today=day)
        dates.append(series.last_date)

    assert series.last == len(days)
    assert dates == sorted(dates)


def test_a_number_is_of_its_day_or_of_the_last_one_where_clocks_disagree() -> None:
    second = advanced(NEW_SERIES, today=date(2026, 11, 2))

    assert second.last_date == date(2026, 11, 2)
    assert advanced(second, today=date(2026, 11, 1)).last_date == date(2026, 11, 2)


def test_an_open_period_takes_the_invoice_date() -> None:
    assert posting_date(date(2026, 11, 2), replace(nimbus(), closed_through=date(2026, 10, 31))) == date(2026, 11, 2)


def test_a_closed_period_moves_the_posting_to_the_first_open_day() -> None:
    assert posting_date(date(2026, 10, 31), replace(nimbus(), closed_through=date(2026, 10, 31))) == date(2026, 11, 1)
    assert posting_date(date(2026, 10, 30), replace(nimbus(), closed_through=date(2026, 10, 31))) == date(2026, 11, 1)
