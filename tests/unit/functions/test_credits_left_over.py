"""What usage takes back and no invoice can: credit notes of the documents that billed it, once, and by themselves."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest

from functions.issue_credit_note.left_over import LeftOverCredited
from shared.domain.identifiers import AdjustmentId
from shared.domain.invoicing.credit_note import CreditDecision, CreditNote, CreditNoteState, CreditPurpose
from shared.domain.invoicing.crediting import CreditRefusedError
from shared.domain.invoicing.invoice import ApprovalDecision, Invoice, InvoiceState
from shared.domain.master_data.approval_policy import ApprovalPolicy
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.compose import posting_id
from shared.domain.posting.intent import IntentState
from shared.domain.rating.adjustments import ContractAdjustment, Credit, Minimum
from shared.domain.time_period import Period
from tests.builders.billing import ACME, OCTOBER, euros, nimbus
from tests.fakes.crediting_world import CALLS, DECEMBER, JANUARY, MISSING, NOVEMBER, Months, amounts
from tests.fakes.mortal_port import MortalPort

CLARA = ApprovalPolicy(thresholds=(euros("50.00"),), approver="clara@nimbus.example")
NOTHING_DONE = LeftOverCredited()
UNTIL_DECEMBER = Period(OCTOBER.start, NOVEMBER.end)


def credited(months: Months, *invoices: Invoice) -> list[tuple[str, dict[str, Decimal]]]:
    """Return the state and the amounts of each credit note, invoice by invoice."""
    notes = (note for invoice in invoices for note in months.notes.of_invoice(invoice.invoice_id, 1))
    return [(note.state.value, {line.line_id: line.amount.amount for line in note.credited.lines}) for note in notes]


def left_over_of_october(*agreed: ContractAdjustment, taken_back: int = 60) -> tuple[Months, Invoice]:
    """Bill 100 calls in October, and none in November but what the invoice cannot take: calls of October taken back."""
    months = Months(*agreed)
    months.use(100)
    first = months.bill(OCTOBER)
    months.use(-taken_back)
    months.bill(NOVEMBER)
    return months, first


def test_what_the_next_invoice_cannot_take_is_credited_and_the_exception_ends() -> None:
    months, first = left_over_of_october()
    assert months.exceptions.kept_back() == ["c-acme/2026-10"]

    done = months.credit_left_over()

    assert credited(months, first) == [("issued", {CALLS: Decimal(60)})]
    assert done == LeftOverCredited(issued=1, settled=1)
    assert months.exceptions.kept_back() == []
    (note,) = months.notes.of_invoice(first.invoice_id, 1)
    assert (note.request.purpose, note.request.requested_by) == (CreditPurpose.CORRECTION, "settlement")
    assert note.request.reason == "usage of 2026-10 came to less than was invoiced"


def test_the_next_invoice_says_so_and_nothing_is_taken_twice() -> None:
    months, first = left_over_of_october()
    months.credit_left_over()

    (line,) = months.bill(DECEMBER).lines

    assert (line.line_id, line.quantity, line.amount) == (f"{CALLS}@2026-10", Decimal(-60), euros("0.00"))
    assert amounts(months.bill(JANUARY)) == {}
    assert months.credit_left_over() == NOTHING_DONE
    assert len(credited(months, first)) == 1


def test_the_newest_document_is_credited_first_line_by_line() -> None:
    months = Months()
    months.use(100)
    first = months.bill(OCTOBER)
    months.use(20)
    second = months.bill(NOVEMBER)
    months.use(-50)
    months.bill(DECEMBER)

    assert months.credit_left_over() == LeftOverCredited(issued=2, settled=1)

    assert credited(months, second, first) == [
        ("issued", {f"{CALLS}@2026-10": Decimal(20)}),
        ("issued", {CALLS: Decimal(30)}),
    ]


def test_usage_taken_back_after_the_end_of_a_contract_is_credited() -> None:
    months = Months(active=Period(OCTOBER.start, OCTOBER.end))
    months.use(100)
    first = months.bill(OCTOBER)
    assert months.bill(NOVEMBER).state is InvoiceState.NOTHING_TO_BILL
    months.use(-1)
    assert months.bill(DECEMBER).state is InvoiceState.NOTHING_TO_BILL  # the last one there is

    months.credit_left_over()

    assert credited(months, first) == [("issued", {CALLS: Decimal(1)})]
    assert months.exceptions.kept_back() == []


def test_what_a_person_has_corrected_meanwhile_is_not_credited_again() -> None:
    months, first = left_over_of_october()
    months.credit(first, {CALLS: "45.00"})

    months.credit_left_over()

    assert credited(months, first) == [("issued", {CALLS: Decimal(45)}), ("issued", {CALLS: Decimal(15)})]
    assert months.exceptions.kept_back() == []


def test_no_more_than_is_left_is_credited_and_a_person_is_still_told() -> None:
    months, first = left_over_of_october()
    months.credit(first, {CALLS: "70.00"}, CreditPurpose.GOODWILL)

    assert months.credit_left_over() == LeftOverCredited(issued=1)

    assert credited(months, first)[1] == ("issued", {CALLS: Decimal(30)})
    assert months.exceptions.kept_back() == ["c-acme/2026-10"]
    assert months.credit_left_over() == NOTHING_DONE


def test_a_minimum_that_has_to_be_billed_for_it_is_set_off() -> None:
    floor = Minimum(
        adjustment_id=AdjustmentId("floor"),
        valid=Period(OCTOBER.start, OCTOBER.end),
        amounts=(euros("60"),),
        product_id=MISSING,
    )
    months, first = left_over_of_october(floor, taken_back=100)

    months.credit_left_over()

    assert credited(months, first) == [("issued", {CALLS: Decimal(40)})]
    assert amounts(months.bill(DECEMBER)) == {f"{CALLS}@2026-10": Decimal(-60), "+floor@2026-10": Decimal(60)}


def test_months_that_share_a_credit_are_set_off_against_each_other() -> None:
    months = Months(Credit(adjustment_id=AdjustmentId("start"), valid=UNTIL_DECEMBER, amount=euros("100")))
    months.use(80)
    months.use(90, NOVEMBER)
    first, second = months.bill(OCTOBER), months.bill(NOVEMBER)
    assert (first.net, second.net) == (euros("0.00"), euros("70.00"))
    months.use(-30)
    months.bill(DECEMBER)

    months.credit_left_over()

    # 50 calls leave 50.00 of credit to November, whose 90 come to 40.00
    notes = months.notes.of_invoice(second.invoice_id, 1)
    assert [note.credited.net for note in notes] == [euros("30.00")]
    assert months.exceptions.kept_back() == []
    assert months.bill(JANUARY).net == euros("0.00")
    assert months.exceptions.kept_back() == []


def test_what_an_earlier_month_leaves_again_is_neither_kept_back_nor_credited() -> None:
    months = Months(Credit(adjustment_id=AdjustmentId("start"), valid=UNTIL_DECEMBER, amount=euros("100")))
    months.use(80)
    months.use(90, NOVEMBER)
    first, second = months.bill(OCTOBER), months.bill(NOVEMBER)
    months.use(-30)  # they leave 30.00 more of the credit to November
    months.bill(DECEMBER)
    assert months.exceptions.kept_back() == ["c-acme/2026-10", "c-acme/2026-11"]

    months.use(30)  # and before anybody has credited that, they are counted after all
    months.bill(JANUARY)

    assert months.exceptions.kept_back() == []
    assert months.credit_left_over() == NOTHING_DONE
    assert credited(months, first, second) == []


def held_by_clara() -> tuple[Months, Invoice]:
    months, first = left_over_of_october(taken_back=45)
    months.agree(approval=CLARA)
    return months, first


def clara_approves(months: Months, first: Invoice) -> CreditNote:
    (note,) = months.notes.of_invoice(first.invoice_id, 1)
    decision = ApprovalDecision(approved=True, decided_by=CLARA.approver, decided_at=months.clock.now())
    asked = CreditDecision(
        invoice_id=first.invoice_id, revision=1, request_id=note.request.request_id, decision=decision
    )
    return months.issuer.decide(asked)


def test_the_approval_policy_holds_for_it_as_for_any_credit() -> None:
    months, first = held_by_clara()

    for _ in range(2):
        assert months.credit_left_over() == LeftOverCredited(waiting=1)

    assert credited(months, first) == [("awaiting_approval", {CALLS: Decimal(45)})]
    assert clara_approves(months, first).state is CreditNoteState.ISSUED
    assert months.credit_left_over() == LeftOverCredited(settled=1)
    assert months.exceptions.kept_back() == []


def test_an_approval_is_refused_once_an_invoice_has_taken_it() -> None:
    months, first = held_by_clara()
    months.credit_left_over()
    months.use(500, DECEMBER)
    months.agree()
    assert amounts(months.bill(DECEMBER))[f"{CALLS}@2026-10"] == Decimal(-45)
    months.agree(approval=CLARA)

    with pytest.raises(CreditRefusedError, match="rests on has changed since"):
        clara_approves(months, first)

    assert credited(months, first) == [("refused", {CALLS: Decimal(45)})]
    assert months.credit_left_over() == NOTHING_DONE


def test_what_an_approver_rejects_waits_for_a_person() -> None:
    months, first = held_by_clara()
    months.credit_left_over()
    (note,) = months.notes.of_invoice(first.invoice_id, 1)
    no = ApprovalDecision(approved=False, decided_by=CLARA.approver, decided_at=months.clock.now())
    months.issuer.decide(
        CreditDecision(invoice_id=first.invoice_id, revision=1, request_id=note.request.request_id, decision=no)
    )

    assert months.credit_left_over() == NOTHING_DONE
    assert months.exceptions.kept_back() == ["c-acme/2026-10"]


def test_an_invoice_that_is_not_in_its_erp_yet_is_credited_later() -> None:
    months, first = left_over_of_october()
    intents = months.invoices.intents
    posted = intents.read(posting_id(first.invoice_id, 1))
    assert posted is not None
    intents.save(replace(posted, state=IntentState.SENDING, version=posted.version + 1))

    (refusal,) = months.credit_left_over().refused
    assert "is not in its ERP yet" in refusal

    intents.save(replace(posted, version=posted.version + 2))
    assert months.credit_left_over() == LeftOverCredited(issued=1, settled=1)


def test_where_books_take_nothing_new_it_is_credited_later_and_the_run_goes_on() -> None:
    months, _ = left_over_of_october()
    intents, books = months.invoices.intents, nimbus().legal_entity_id
    intents.set_period_status(books, "2026-12", PeriodStatus.SOFT_CLOSED)

    (refusal,) = months.credit_left_over().refused
    assert refusal == "c-acme/2026-11: its accounting period (2026-12) takes nothing new"

    intents.set_period_status(books, "2026-12", PeriodStatus.OPEN)
    assert months.credit_left_over() == LeftOverCredited(issued=1, settled=1)


def test_as_long_as_the_invoice_is_a_draft_nothing_is_credited() -> None:
    months = Months()
    months.use(100)
    months.bill(OCTOBER)
    months.use(-60)
    months.use(7, NOVEMBER)
    months.select_month(NOVEMBER)
    months.build(months.select(datetime(2026, 12, 2, 6, tzinfo=UTC)))

    assert months.exceptions.kept_back() == ["c-acme/2026-10"]
    assert months.credit_left_over() == NOTHING_DONE


def test_what_is_kept_back_for_another_reason_is_not_credited() -> None:
    months = Months()
    months.use(100)
    months.bill(OCTOBER)
    months.use(-60)
    months.holds.place(ACME.customer_id, "2026-10", "conflict")
    months.bill(NOVEMBER)

    assert months.exceptions.kept_back() == ["c-acme/2026-10"]
    assert months.credit_left_over() == NOTHING_DONE


PORTS = ("notes", "invoices", "intents", "master_data", "document_requests", "posting_requests", "exceptions")


@pytest.mark.parametrize("after", [False, True])
def test_whoever_dies_at_any_call_is_followed_by_one_that_credits_the_rest(*, after: bool) -> None:
    deaths = 0
    for call in range(1, 200):
        months = Months()
        months.use(100)
        first = months.bill(OCTOBER)
        months.use(20)
        second = months.bill(NOVEMBER)
        months.use(-50)
        months.bill(DECEMBER)
        countdown = [call]
        ports = {name: MortalPort(getattr(months.issuer, name), countdown, after=after) for name in PORTS}
        dying = replace(months.creditor, issuer=replace(months.issuer, **cast("dict[str, Any]", ports)))
        for _ in range(2):
            try:
                dying.credit_all(months.clock.instant)
            except ConnectionError:
                deaths += 1
                months.credit_left_over()

        assert [state for state, _ in credited(months, second, first)] == ["issued", "issued"]
        assert sum(sum(lines.values()) for _, lines in credited(months, second, first)) == 50
        assert months.exceptions.kept_back() == []
        if countdown[0] > 0:
            break
    assert deaths == call - 1
