from dataclasses import replace
from decimal import Decimal

from shared.domain.invoicing.credit_note import CreditNote, CreditNoteState, LinesCredit
from shared.domain.invoicing.credit_note_issue import drafted
from shared.domain.reconciliation.cash import LedgerFigures, issued_documents, posting_checks
from shared.domain.reconciliation.credits import credit_checks
from shared.domain.reconciliation.tie_out import TieOut
from tests.builders.credit_notes import a_line, a_request, an_issued_invoice, of_lines

INVOICE = an_issued_invoice(a_line("fee", "100.00"))  # 120.00 gross


def issued(credit: LinesCredit, request_id: str = "sla-7") -> CreditNote:
    return replace(
        drafted(a_request(INVOICE, credit, request_id=request_id), INVOICE, []), state=CreditNoteState.ISSUED
    )


def test_a_credit_note_lowers_what_the_erp_has_to_hold() -> None:
    documents = issued_documents([INVOICE], [issued(of_lines(fee="25.00"))])
    both = LedgerFigures(documents=2, gross=Decimal("90.00"), receivable=Decimal("90.00"))
    invoice_alone = LedgerFigures(documents=1, gross=Decimal("120.00"), receivable=Decimal("120.00"))
    key = INVOICE.legal_entity_id, "EUR"

    assert TieOut(posting_checks(documents, {key: both}, {})).ties
    assert not TieOut(posting_checks(documents, {key: invoice_alone}, {})).ties
    waits = {documents[1].posting_id: "not posted: exception ERP_AUTH_FAILED"}
    assert TieOut(posting_checks(documents, {key: invoice_alone}, waits)).ties


def test_a_credit_that_waits_for_its_approver_counts_nowhere() -> None:
    waiting = drafted(a_request(INVOICE), INVOICE, [])

    assert len(issued_documents([INVOICE], [waiting])) == 1
    assert credit_checks([INVOICE], [waiting]) == ()


def test_credit_notes_beyond_their_invoice_do_not_tie() -> None:
    """Each of them fits by itself: as two would that were worked out side by side."""
    first, second = issued(of_lines(fee="60.00")), issued(of_lines(fee="60.00"), "sla-8")

    assert TieOut(credit_checks([INVOICE], [first])).ties
    assert not TieOut(credit_checks([INVOICE], [first, second])).ties


def test_a_credit_note_that_is_not_its_lines_and_taxes_does_not_tie() -> None:
    note = issued(of_lines(fee="60.00"))
    wrong = replace(note, credited=replace(note.credited, gross=note.credited.net))

    assert not TieOut(credit_checks([INVOICE], [wrong])).ties
