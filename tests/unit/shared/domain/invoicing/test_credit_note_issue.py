"""Credit notes of a converted invoice: at its rate, whatever the rate is by then."""

from dataclasses import replace

from shared.domain.currency_exchange.converted import converted
from shared.domain.invoicing.credit_note_issue import drafted
from shared.domain.money import total
from tests.builders.credit_notes import a_line, a_request, an_issued_invoice, of_lines
from tests.builders.exchange_rates import FRIDAYS_RATE, USD

INVOICE = an_issued_invoice(a_line("fee", "99.00"), a_line("calls", "1.57"))
CONVERTED = replace(INVOICE, converted=converted(INVOICE.net, INVOICE.tax, FRIDAYS_RATE))


def test_credits_take_the_rate_of_their_invoice_and_together_come_to_what_it_came_to() -> None:
    part = drafted(a_request(CONVERTED, of_lines(fee="33.33")), CONVERTED, [])
    rest = drafted(a_request(CONVERTED), CONVERTED, [part.credited])

    assert CONVERTED.converted is not None
    assert part.converted is not None
    assert rest.converted is not None
    assert part.converted.rate == rest.converted.rate == FRIDAYS_RATE
    assert str(part.converted.net) == "37.24 USD"
    assert total((part.converted.gross, rest.converted.gross), USD) == CONVERTED.converted.gross


def test_credits_of_an_invoice_in_the_currency_of_the_books_have_no_rate() -> None:
    assert drafted(a_request(INVOICE), INVOICE, []).converted is None
