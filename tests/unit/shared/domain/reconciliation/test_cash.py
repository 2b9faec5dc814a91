"""The money half of the tie-out, on one customer's March: what differs must have a name."""

from dataclasses import replace
from decimal import Decimal

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.invoice import Adjustment, Invoice
from shared.domain.money import Money
from shared.domain.reconciliation.cash import LedgerFigures, invoice_checks, issued_documents, posting_checks
from shared.domain.reconciliation.tie_out import TieOut
from tests.builders.reconciliation import APRIL, EUR, NIMBUS_DE, invoice, line


def test_rounding_of_a_line_is_named_and_a_wrong_amount_is_not_forgiven() -> None:
    honest = TieOut(invoice_checks([invoice(line("1", "1.004", "1.00"))]))
    wrong = TieOut(invoice_checks([invoice(line("1", "1.004", "1.01"))]))

    assert honest.ties
    assert [item.amount for item in honest.checks[0].explanations] == [Decimal("0.004")]
    assert not wrong.ties


def test_charges_of_many_digits_tie_to_the_last_one() -> None:
    """A level over time has 18 decimals, a price has some more; beside a great amount, a bare sum loses the last."""
    large = line("123456789", "1.01", "124691356.89")
    small = line("0.333333333333333333", "0.000001", "0.00")

    assert TieOut(invoice_checks([invoice(large, small)])).ties


def test_an_invoice_missing_in_the_erp_does_not_tie_until_its_reason_is_known() -> None:
    documents = issued_documents([invoice(line("100", "0.01", "1.00"))], [])

    assert not TieOut(posting_checks(documents, {}, {})).ties
    assert TieOut(posting_checks(documents, {}, {documents[0].posting_id: "PERIOD_CLOSED"})).ties


def test_a_double_in_the_erp_does_not_tie() -> None:
    documents = issued_documents([invoice(line("100", "0.01", "1.00"))], [])
    once = LedgerFigures(documents=1, gross=Decimal("1.200"), receivable=Decimal("1.20"))
    twice = LedgerFigures(documents=2, gross=Decimal("2.40"), receivable=Decimal("2.40"))

    assert TieOut(posting_checks(documents, {(NIMBUS_DE, "EUR"): once}, {})).ties
    assert not TieOut(posting_checks(documents, {(NIMBUS_DE, "EUR"): twice}, {})).ties


def an_adjustment(billed_before: str) -> tuple[Invoice, Invoice]:
    """Bill 4 units of 1.004 in March, and 6 of them in April's invoice, of which `billed_before` were billed."""
    march = invoice(line("4", "1.004", "4.02"))
    whole = line("6", "1.004", "6.02")
    before = Money(Decimal(billed_before), EUR)
    again = replace(
        whole,
        line_id="sub-1/api_calls@2026-03",
        quantity=Decimal(2),
        amount=whole.amount - before,
        adjusts=Adjustment(
            invoice_id=march.invoice_id, invoice_number=march.number, quantity=Decimal(4), amount=before
        ),
    )
    return march, replace(invoice(again), invoice_id=InvoiceId("acme-1/2026-04"), billing_period=APRIL)


def test_an_adjustment_is_the_final_charge_rounded_less_what_was_billed() -> None:
    assert TieOut(invoice_checks(an_adjustment("4.02"))).ties


def test_an_adjustment_that_takes_off_something_else_than_was_billed_shows() -> None:
    assert not TieOut(invoice_checks(an_adjustment("4.01"))).ties
