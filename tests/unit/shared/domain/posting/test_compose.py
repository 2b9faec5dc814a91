"""What the ERP is told of an issued invoice."""

from dataclasses import replace
from datetime import date

import pytest

from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.issuing import issued
from shared.domain.invoicing.numbering import InvoiceSeries, advanced
from shared.domain.master_data.payment_terms import NetDays
from shared.domain.posting.compose import NotIssuedError, compose
from tests.builders.billing import ACME, a_draft, calls, contract, euros, nimbus
from tests.builders.tax import taxed


def an_issued_invoice(today: date = date(2026, 11, 2)) -> Invoice:
    draft = taxed(a_draft(calls(150)))
    series = InvoiceSeries(legal_entity_id=nimbus().legal_entity_id, prefix="DE-")
    approved = replace(draft, state=InvoiceState.APPROVED)
    return issued(approved, series=advanced(series, today=today), terms=NetDays(30))


def test_the_document_says_what_the_invoice_says() -> None:
    document = compose(an_issued_invoice(), contract=contract(), customer=ACME, entity=nimbus())

    assert document.posting_id == "c-acme/2026-10/r1"
    assert (document.human_number, document.purchase_order) == ("DE-000001", "PO-88")
    assert (document.document_date, document.due_date) == (date(2026, 11, 2), date(2026, 12, 2))
    assert [(line.line_no, line.product_id, line.amount, line.tax_code) for line in document.lines] == [
        (1, "platform", euros("99.00"), "DE-19"),
        (2, "api", euros("12.50"), "DE-19"),
    ]
    days = {(line.service_from, line.service_to) for line in document.lines}
    assert days == {(date(2026, 10, 1), date(2026, 10, 31))}
    assert (document.net, document.tax, document.gross) == (euros("111.50"), euros("21.19"), euros("132.69"))


def test_an_invoice_of_a_closed_month_is_posted_into_the_open_one() -> None:
    entity = replace(nimbus(), closed_through=date(2026, 11, 30))

    document = compose(an_issued_invoice(), contract=contract(), customer=ACME, entity=entity)

    assert (document.document_date, document.accounting_period) == (date(2026, 11, 2), "2026-12")


def test_what_is_not_issued_is_not_posted() -> None:
    with pytest.raises(NotIssuedError):
        compose(a_draft(), contract=contract(), customer=ACME, entity=nimbus())
