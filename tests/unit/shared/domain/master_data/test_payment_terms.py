"""Due dates by each way in which contracts say them, and the words for them."""

from datetime import date

import pytest

from shared.domain.master_data.payment_terms import DayOfNextMonth, DaysAfterMonthEnd, NetDays, PaymentTerms


@pytest.mark.parametrize(
    ("terms", "invoice_date", "due", "words"),
    [
        (NetDays(14), date(2026, 4, 2), date(2026, 4, 16), "within 14 days of the invoice date"),
        (NetDays(1), date(2026, 12, 31), date(2027, 1, 1), "within 1 day of the invoice date"),
        (NetDays(0), date(2026, 4, 2), date(2026, 4, 2), "on the invoice date"),
        (
            DaysAfterMonthEnd(10),
            date(2026, 2, 3),
            date(2026, 3, 10),
            "within 10 days of the end of the month of the invoice date",
        ),
        (DaysAfterMonthEnd(0), date(2028, 2, 3), date(2028, 2, 29), "by the end of the month of the invoice date"),
        (
            DayOfNextMonth(15),
            date(2026, 12, 31),
            date(2027, 1, 15),
            "by day 15 of the month after that of the invoice date",
        ),
        (
            DayOfNextMonth(31),
            date(2026, 1, 31),
            date(2026, 2, 28),
            "by day 31 of the month after that of the invoice date, or its last day if it is shorter",
        ),
    ],
)
def test_an_invoice_is_due_by_its_terms(terms: PaymentTerms, invoice_date: date, due: date, words: str) -> None:
    assert (terms.due(invoice_date), str(terms)) == (due, words)
