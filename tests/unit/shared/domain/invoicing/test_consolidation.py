"""One invoice over several contracts: what the lead's draft takes of its members' bills, and when it waits for them."""

from dataclasses import replace
from datetime import date

import pytest

from shared.domain.identifiers import ContractId, InvoiceId, InvoiceNumber
from shared.domain.invoicing.consolidation import (
    StoredBill,
    consolidated,
    issued_with,
    line_on_bill,
    waits_for_its_lead,
)
from shared.domain.invoicing.invoice import Invoice, InvoiceRevision, InvoiceState, MemberBill
from shared.domain.invoicing.standing import Standing
from shared.domain.issue import Issue, Severity
from tests.builders.billing import a_draft, calls, euros

OWN = a_draft(calls(150))  # 99.00 and 12.50
WARNING = Issue(severity=Severity.WARNING, code="FEE_NOT_PRORATED", message="active for a part", path="s-acme/fee")
MISSING = Issue(severity=Severity.CRITICAL, code="PRICE_MISSING", message="no EUR price", path="s-acme/calls")
NOWHERE = Issue(severity=Severity.CRITICAL, code="NO_LINES", message="nothing", path="")
RESTS_ON = Standing(invoice_id=InvoiceId("c-member/2026-09"), revision=1)


def bill(state: InvoiceState = InvoiceState.DRAFT, *, issues: tuple[Issue, ...] = ()) -> Invoice:
    return replace(
        a_draft(calls(50)),  # 99.00 and 5.00
        invoice_id=InvoiceId("c-member/2026-10"),
        contract_id=ContractId("c-member"),
        revision=2,
        state=state,
        issues=issues,
        set_right=(RESTS_ON,),
        consolidated_on=InvoiceRevision(OWN.invoice_id, 1),
    )


def test_a_lead_has_the_lines_of_all_bills_and_names_each_in_its_very_version() -> None:
    member = bill(issues=(WARNING, MISSING, NOWHERE))

    draft = consolidated(replace(OWN, issues=(WARNING,)), [StoredBill(member, version=4)])

    assert draft.state is InvoiceState.DRAFT
    assert [str(line.amount) for line in draft.lines] == ["99.00 EUR", "12.50 EUR", "99.00 EUR", "5.00 EUR"]
    assert (draft.net, draft.tax, draft.gross) == (euros("215.50"), euros("0.00"), euros("215.50"))
    assert draft.members == (
        MemberBill(
            invoice_id=InvoiceId("c-member/2026-10"),
            customer_id=member.customer_id,
            contract_id=ContractId("c-member"),
            revision=2,
            version=4,
            rests_on=(RESTS_ON,),
        ),
    )
    assert draft.issues == (
        WARNING,
        replace(MISSING, path="c-member: s-acme/calls"),
        replace(NOWHERE, path="c-member"),
    )


def test_lines_of_a_member_are_told_apart_on_the_invoice_and_found_again_on_its_bill() -> None:
    draft = consolidated(OWN, [StoredBill(bill(), version=1)])

    assert [line.contract_id for line in draft.lines] == [None, None, "c-member", "c-member"]
    assert len({line.line_id for line in draft.lines}) == 4
    assert [line_on_bill(line) for line in draft.lines] == [line.line_id for line in (*OWN.lines, *bill().lines)]


def test_a_lead_with_nothing_of_its_own_is_drafted_for_its_members() -> None:
    nothing = replace(OWN, lines=(), state=InvoiceState.NOTHING_TO_BILL)

    assert consolidated(nothing, [StoredBill(bill(), version=1)]).state is InvoiceState.DRAFT
    assert consolidated(nothing, [StoredBill(bill(InvoiceState.NOTHING_TO_BILL), version=1)]) == nothing


@pytest.mark.parametrize("of_lead", [None, OWN, replace(OWN, state=InvoiceState.INVALID)])
def test_a_member_waits_for_the_invoice_of_its_lead(of_lead: Invoice | None) -> None:
    assert waits_for_its_lead(None, of_lead)


@pytest.mark.parametrize("state", [InvoiceState.ISSUED, InvoiceState.NOTHING_TO_BILL])
def test_what_the_leads_invoice_went_without_is_billed_by_itself(state: InvoiceState) -> None:
    assert not waits_for_its_lead(None, replace(OWN, state=state))


def test_what_was_begun_by_itself_goes_on_by_itself() -> None:
    assert waits_for_its_lead(bill(), None)
    assert not waits_for_its_lead(replace(bill(), consolidated_on=None), None)


def test_a_bill_has_number_and_dates_of_the_invoice_that_it_is_on() -> None:
    document = replace(
        OWN,
        state=InvoiceState.ISSUED,
        number=InvoiceNumber("DE-000007"),
        invoice_date=date(2026, 11, 2),
        due_date=date(2026, 12, 2),
    )

    issued = issued_with(bill(), document)

    assert issued == replace(
        bill(),
        state=InvoiceState.CONSOLIDATED,
        number=InvoiceNumber("DE-000007"),
        invoice_date=date(2026, 11, 2),
        due_date=date(2026, 12, 2),
    )
