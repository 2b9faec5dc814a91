"""A credit note's document says what is taken back and of what; all else is as the invoice's document had it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.domain.identifiers import InvoiceId
from shared.domain.invoice_document.compose import compose_document
from shared.domain.invoice_document.compose_credit import compose_credit_document
from shared.domain.invoice_document.document import CreditedInvoice, DocumentId
from shared.domain.invoicing.credit_note import LineAmount, LinesCredit, credited_by
from shared.domain.posting.compose import NotIssuedError
from tests.builders.billing import euros
from tests.builders.credit_documents import credit_document, issued_credit
from tests.builders.invoice_documents import document, issued_invoice, sources, usual_lines

INVOICE = issued_invoice(*usual_lines())
PART_OF_THE_CALLS = LinesCredit((LineAmount("s-acme/api-calls", euros("20.00")),))


def test_it_names_the_invoice_why_and_what_is_taken_back() -> None:
    made = credit_document(credit=PART_OF_THE_CALLS)

    assert (made.number, made.issue_date, made.due_date) == ("DE-CN-000003", date(2026, 11, 20), None)
    assert made.credits == CreditedInvoice(
        number=INVOICE.number,  # type: ignore[arg-type]
        issue_date=date(2026, 11, 2),
        reason="the API was down for a day",
        request_id="sla-7",
    )
    assert (made.net, made.tax, made.gross) == (euros("20.00"), euros("3.80"), euros("23.80"))
    assert [(tax.rate, tax.base, tax.amount) for tax in made.taxes] == [(Decimal("0.19"), made.net, made.tax)]


def test_a_line_is_an_amount_of_what_was_invoiced() -> None:
    (line,) = credit_document(credit=PART_OF_THE_CALLS).lines
    of = document().lines[1]

    assert (line.description, line.product_id, line.subscription, line.plan) == (
        of.description,
        of.product_id,
        of.subscription,
        of.plan,
    )
    assert (line.service_from, line.service_to) == (of.service_from, of.service_to)
    assert (line.line_no, line.quantity, line.unit, line.amount) == (1, Decimal(1), "", euros("20.00"))
    assert not line.parts


def test_parties_and_references_are_those_of_the_invoice_whatever_the_catalogue_says_by_now() -> None:
    said = replace(compose_document(INVOICE, sources()), purchase_order="PO-as-it-was", e_invoice=False)

    made = compose_credit_document(issued_credit(INVOICE), INVOICE, said)

    assert (made.purchase_order, made.e_invoice) == ("PO-as-it-was", False)
    assert (made.seller, made.buyer) == (said.seller, said.buyer)


def test_it_has_the_credit_notes_id() -> None:
    note = issued_credit(INVOICE)
    made = credit_document()

    assert str(made.document_id) == note.credit_note_id
    assert DocumentId(*credited_by(note.credit_note_id)) == made.document_id
    assert str(document().document_id) == INVOICE.invoice_id


@pytest.mark.parametrize("invoice_id", ["c-acme/2026-10", "c/r2/credit/2026-10", "c acme/r/2026-10-05"])
def test_whatever_a_contract_is_called_a_credit_notes_id_says_of_what_it_is(invoice_id: str) -> None:
    of = DocumentId(InvoiceId(invoice_id), 12, "sla-7")

    assert credited_by(str(of)) == (invoice_id, 12, "sla-7")  # type: ignore[arg-type]


def test_what_is_not_issued_is_no_document() -> None:
    waiting = replace(issued_credit(INVOICE), number=None)

    with pytest.raises(NotIssuedError):
        compose_credit_document(waiting, INVOICE, document())
