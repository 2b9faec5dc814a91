"""An invoice after its credit notes: only issued ones that correct it take off what its lines bill."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.domain.invoicing.billed_document import BilledDocument
from shared.domain.invoicing.credit_note import CreditNote, CreditNoteState, CreditPurpose
from shared.domain.invoicing.credit_note_issue import drafted
from shared.domain.invoicing.standing import Standing
from tests.builders.billing import euros
from tests.builders.credit_notes import a_line, a_request, an_issued_invoice, of_lines

INVOICE = an_issued_invoice(a_line("fee", "99.00", tax="19.80"), a_line("calls", "12.50", tax="2.50"))
STANDING = Standing(invoice_id=INVOICE.invoice_id, revision=1)


def note(amount: str, *, name: str = "sla-7", purpose: CreditPurpose = CreditPurpose.CORRECTION) -> CreditNote:
    request = replace(a_request(INVOICE, of_lines(fee=amount), request_id=name), purpose=purpose)
    return replace(drafted(request, INVOICE, []), state=CreditNoteState.ISSUED)


def document(*notes: CreditNote) -> BilledDocument:
    return BilledDocument(invoice=INVOICE, standing=STANDING, credit_notes=notes)


def test_a_correction_takes_its_amount_off_the_line_and_no_quantity() -> None:
    fee, _ = INVOICE.lines

    (correction,) = document(note("10.00")).corrections()

    assert correction.credit_note_id == "c-acme/2026-10/r1/credit/sla-7"
    assert correction.lines == (
        replace(
            fee,
            quantity=Decimal(0),
            parts=(),
            precise_amount=Decimal("-10.00"),
            amount=euros("-10.00"),
            tax=None,
        ),
    )


def test_what_corrections_have_left_of_each_line_is_what_it_bills() -> None:
    corrected = document(note("10.00"), note("4.00", name="sla-8")).corrected()

    assert [(line.line_id, line.amount) for line in corrected.lines] == [
        ("fee", euros("85.00")),
        ("calls", euros("12.50")),
    ]
    assert corrected.net == INVOICE.net


@pytest.mark.parametrize(
    "other",
    [
        note("10.00", purpose=CreditPurpose.GOODWILL),
        replace(note("10.00"), state=CreditNoteState.AWAITING_APPROVAL),
    ],
    ids=["goodwill", "not issued"],
)
def test_what_is_no_correction_takes_nothing_off(other: CreditNote) -> None:
    assert list(document(other).corrections()) == []
    assert document(other).corrected() == INVOICE
