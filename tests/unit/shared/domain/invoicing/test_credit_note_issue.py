"""A credit note on its way: what it is drafted as, why it waits, whose word counts, and what the approver reads."""

from dataclasses import replace
from datetime import date

import pytest

from shared.domain.currency_exchange.converted import converted
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CreditNoteId, InvoiceNumber, LegalEntityId
from shared.domain.invoicing.credit_note import (
    CreditNote,
    CreditNoteState,
    CreditPurpose,
    CreditRequest,
    WholeCredit,
    credited_by,
)
from shared.domain.invoicing.credit_note_issue import approval_pending, decided, drafted, numbered, why_approval
from shared.domain.invoicing.crediting import CreditRefusedError, credited
from shared.domain.invoicing.invoice import ApprovalDecision, Invoice
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.master_data.approval_policy import ApprovalPolicy
from shared.domain.money import Money, currency
from tests.builders.billing import TENANT, euros
from tests.builders.credit_notes import NOON, a_line, a_request, an_issued_invoice, of_lines
from tests.builders.exchange_rates import FRIDAYS_RATE

CLARA, DORA = "clara@nimbus.example", "dora@nimbus.example"  # Dora asks for credits
INVOICE = an_issued_invoice(a_line("fee", "99.00"))
REQUEST = a_request(INVOICE, of_lines(fee="10.00"))
NOTE = drafted(REQUEST, INVOICE, [])
FROM_TEN = ApprovalPolicy(thresholds=(euros("10.00"),), approver=CLARA)
YES = ApprovalDecision(approved=True, decided_by=CLARA, decided_at=NOON)


def test_a_credit_note_is_drafted_as_what_it_credits_of_whose_invoice() -> None:
    drafted_as = CreditNote(
        tenant=TENANT,
        request=REQUEST,
        state=CreditNoteState.AWAITING_APPROVAL,
        invoice_number=InvoiceNumber("DE-000001"),
        customer_id=INVOICE.customer_id,
        contract_id=INVOICE.contract_id,
        legal_entity_id=LegalEntityId("nimbus-de"),
        credited=credited(INVOICE, [], of_lines(fee="10.00")),
    )

    assert drafted(REQUEST, INVOICE, []) == drafted_as


def test_credit_notes_come_to_what_their_invoice_came_to_in_the_currency_of_the_books() -> None:
    invoice = replace(INVOICE, converted=converted(INVOICE.net, INVOICE.tax, FRIDAYS_RATE))

    first = drafted(REQUEST, invoice, [])
    rest = drafted(a_request(invoice, WholeCredit()), invoice, [first.credited])

    assert first.converted == converted(euros("10.00"), euros("2.00"), FRIDAYS_RATE)
    assert rest.converted is not None
    assert invoice.converted is not None
    assert first.converted is not None
    assert (first.converted.net + rest.converted.net, first.converted.tax + rest.converted.tax) == (
        invoice.converted.net,
        invoice.converted.tax,
    )
    assert drafted(REQUEST, INVOICE, []).converted is None


def test_an_invoice_is_voided_whole() -> None:
    whole = replace(a_request(INVOICE, WholeCredit()), purpose=CreditPurpose.VOID)

    assert drafted(whole, INVOICE, []).credited.gross == INVOICE.gross
    with pytest.raises(CreditRefusedError, match=r"^an invoice is voided whole: a part of it is credited$"):
        drafted(replace(REQUEST, purpose=CreditPurpose.VOID), INVOICE, [])


def test_a_credit_note_is_of_what_is_left_by_earlier_ones_and_by_later_invoices() -> None:
    rest = a_request(INVOICE, WholeCredit())

    whole = drafted(rest, INVOICE, [NOTE.credited], lowered={"fee": euros("-4.00")})

    assert whole.credited.net == euros("85.00")


@pytest.mark.parametrize(
    ("invoice", "request_", "why"),
    [
        (
            replace(INVOICE, number=None),
            REQUEST,
            "c-acme/2026-10 has no number: what is not issued is drafted anew, not credited",
        ),
        (INVOICE, replace(REQUEST, reason=" "), "a credit needs a reason, and the name of whoever asks for it"),
        (INVOICE, replace(REQUEST, requested_by=" "), "a credit needs a reason, and the name of whoever asks for it"),
    ],
    ids=["not issued", "no reason", "nobody"],
)
def test_what_cannot_be_credited_is_refused_in_words(invoice: Invoice, request_: CreditRequest, why: str) -> None:
    with pytest.raises(CreditRefusedError) as refused:
        drafted(request_, invoice, [])

    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("gross", "policy", "why"),
    [
        (euros("1000000"), None, ""),
        (
            euros("0.01"),
            replace(FROM_TEN, manual_adjustment=True),
            "whatever a person agrees with a customer is approved",
        ),
        (euros("1000000"), replace(FROM_TEN, thresholds=None), ""),
        (Money(euros("1").amount, currency("USD")), FROM_TEN, "no threshold is set for USD"),
        (euros("9.99"), FROM_TEN, ""),
        (euros("10.00"), FROM_TEN, "10.00 EUR reaches the threshold of 10.00 EUR"),
    ],
)
def test_a_credit_waits_as_an_invoice_would_and_says_why(gross: Money, policy: ApprovalPolicy | None, why: str) -> None:
    assert why_approval(gross, policy) == why


def test_the_approver_says_yes_or_no_and_may_say_it_again() -> None:
    approved = decided(NOTE, YES, FROM_TEN)
    rejected = decided(NOTE, replace(YES, approved=False), FROM_TEN)

    assert approved == replace(NOTE, approval=YES)
    assert (rejected.state, rejected.approval) == (CreditNoteState.REJECTED, replace(YES, approved=False))
    assert decided(rejected, replace(YES, approved=False), None) == rejected


@pytest.mark.parametrize(
    ("note", "decision", "policy", "why"),
    [
        (
            replace(NOTE, approval=YES),
            replace(YES, approved=False),
            FROM_TEN,
            f"{{name}} was decided by {CLARA} before",
        ),
        (replace(NOTE, state=CreditNoteState.ISSUED), YES, FROM_TEN, "{name} is issued and waits for nobody"),
        (NOTE, YES, None, f"{CLARA} is not the approver of {{name}}"),
        (NOTE, replace(YES, decided_by="eve"), FROM_TEN, "eve is not the approver of {name}"),
        (
            NOTE,
            replace(YES, decided_by=DORA),
            replace(FROM_TEN, second_approver=DORA),
            f"{DORA} has asked for {{name}} and cannot approve it",
        ),
    ],
    ids=["decided before", "issued", "no policy", "somebody else", "who asked for it"],
)
def test_nobody_else_decides_and_nobody_twice(
    note: CreditNote, decision: ApprovalDecision, policy: ApprovalPolicy | None, why: str
) -> None:
    with pytest.raises(CreditRefusedError) as refused:
        decided(note, decision, policy)

    assert str(refused.value) == why.format(name="c-acme/2026-10/r1/credit/sla-7")


def test_a_number_comes_with_its_date() -> None:
    series = InvoiceSeries(
        legal_entity_id=LegalEntityId("nimbus-de"), prefix="DE-CN-", last=7, last_date=date(2026, 11, 21)
    )

    issued = numbered(NOTE, series)

    assert (issued.state, issued.number, issued.credit_note_date) == (
        CreditNoteState.ISSUED,
        "DE-CN-000007",
        date(2026, 11, 21),
    )


def test_the_approver_reads_how_much_is_credited_to_whom_and_why() -> None:
    name = "c-acme/2026-10/r1/credit/sla-7"

    assert approval_pending(NOTE, "it is much", FROM_TEN, raised_at=NOON) == ExceptionRecord(
        exception_id=exception_id(ExceptionCode.CREDIT_NOTE_PENDING, name),
        tenant=TENANT,
        code=ExceptionCode.CREDIT_NOTE_PENDING,
        subject=name,
        message=f"a credit of 12.00 EUR on DE-000001 waits for {CLARA}: it is much",
        raised_at=NOON,
        detail={
            "invoice_id": "c-acme/2026-10",
            "revision": "1",
            "request_id": "sla-7",
            "amount": "12.00 EUR",
            "reason": "the API was down for a day",
            "requested_by": DORA,
            "approver": CLARA,
        },
    )


def test_a_credit_notes_name_tells_its_invoice_whatever_the_contract_is_called() -> None:
    assert credited_by(CreditNoteId("c/r9/credit/x/2026-10/r2/credit/sla-7")) == ("c/r9/credit/x/2026-10", 2, "sla-7")
