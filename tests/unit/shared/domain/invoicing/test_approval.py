"""Approval: which invoices wait, and whose word counts."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.domain.identifiers import AdjustmentId
from shared.domain.invoicing.approval import (
    NO_HISTORY,
    ApprovalRequest,
    DecisionNotAllowedError,
    InvoiceHistory,
    approval_reasons,
    asked_of,
    check_decision,
    escalated,
    requested,
)
from shared.domain.invoicing.invoice import ApprovalDecision, Invoice
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.approval_policy import ApprovalPolicy, Deviation
from shared.domain.money import Money, currency
from shared.domain.rating.adjustments.lines import AdjustmentKind, Applied
from tests.builders.billing import SECOND_OF_NOVEMBER, a_draft, euros

DANA = "dana@nimbus.example"
CFO = "grace@nimbus.example"
THREE_TIMES = ApprovalPolicy(thresholds=None, approver=DANA, deviation=Deviation(factor=Decimal(3)))
FROM_A_HUNDRED = ApprovalPolicy(thresholds=(euros("100.00"),), approver=DANA)


def reasons(invoice: Invoice, policy: ApprovalPolicy | None, history: InvoiceHistory = NO_HISTORY) -> list[str]:
    return [issue.message for issue in approval_reasons(invoice, policy, history)]


def an_invoice_over(gross: str) -> Invoice:
    return replace(a_draft(), gross=euros(gross))


REQUEST = ApprovalRequest(
    invoice_id=a_draft().invoice_id, revision=1, approver=DANA, requested_at=SECOND_OF_NOVEMBER, task_token="token"
)
YES = ApprovalDecision(approved=True, decided_by=DANA, decided_at=SECOND_OF_NOVEMBER)


@pytest.mark.parametrize(("gross", "waits"), [("99.99", False), ("100.00", True), ("100.01", True)])
def test_an_invoice_waits_from_the_threshold_on(gross: str, *, waits: bool) -> None:
    assert bool(reasons(an_invoice_over(gross), FROM_A_HUNDRED)) is waits


def test_without_a_policy_nothing_waits() -> None:
    assert reasons(an_invoice_over("1000000.00"), None) == []


def test_a_currency_without_a_threshold_waits() -> None:
    dollars_only = replace(FROM_A_HUNDRED, thresholds=(Money(euros("5").amount, currency("USD")),))

    assert reasons(an_invoice_over("0.01"), dollars_only) == ["no threshold is set for EUR"]


@pytest.mark.parametrize(
    ("gross", "why"),
    [
        ("300.00", []),
        ("300.01", ["300.01 EUR is over 3 times more than 100.00 EUR, the mean of the 3 invoices before"]),
        ("33.34", []),
        ("33.33", ["33.33 EUR is over 3 times less than 100.00 EUR, the mean of the 3 invoices before"]),
    ],
)
def test_an_invoice_far_from_the_mean_of_those_before_waits_whether_above_or_below(gross: str, why: list[str]) -> None:
    before = InvoiceHistory(of_contract=(euros("80.00"), euros("100.00"), euros("120.00")), of_customer=True)

    assert reasons(an_invoice_over(gross), THREE_TIMES, before) == why


def test_too_few_invoices_tell_nothing() -> None:
    before = InvoiceHistory(of_contract=(euros("1.00"), euros("1.00")), of_customer=True)

    assert reasons(an_invoice_over("5000.00"), THREE_TIMES, before) == []


def test_invoices_of_nothing_are_no_mean_to_deviate_from() -> None:
    before = InvoiceHistory(of_contract=(euros("0.00"),) * 3, of_customer=True)

    assert reasons(an_invoice_over("5000.00"), THREE_TIMES, before) == []


def test_a_customers_first_invoice_waits_where_the_policy_says_so() -> None:
    policy = ApprovalPolicy(thresholds=None, approver=DANA, first_invoice=True)

    assert reasons(an_invoice_over("0.01"), policy) == ["it is the first invoice of acme"]
    assert reasons(an_invoice_over("0.01"), policy, InvoiceHistory(of_customer=True)) == []


def test_a_discount_that_a_person_agreed_with_the_customer_waits_and_one_of_the_plan_does_not() -> None:
    policy = ApprovalPolicy(thresholds=None, approver=DANA, manual_adjustment=True)
    draft = a_draft()
    given = Applied(adjustment_id=AdjustmentId("goodwill"), kind=AdjustmentKind.FIXED_DISCOUNT, target="")
    line = replace(draft.lines[0], description="Goodwill", amount=euros("-20.00"))

    by_hand = replace(draft, lines=(*draft.lines, replace(line, applied=given)))
    of_the_plan = replace(draft, lines=(*draft.lines, replace(line, applied=replace(given, of_charge=True))))

    assert approval_reasons(by_hand, policy, NO_HISTORY) == (
        Issue(severity=Severity.WARNING, code="MANUAL_ADJUSTMENT", message="Goodwill: -20.00 EUR", path=line.line_id),
    )
    assert reasons(of_the_plan, policy) == []


def test_every_reason_is_named() -> None:
    policy = replace(FROM_A_HUNDRED, first_invoice=True)

    assert reasons(an_invoice_over("100.00"), policy) == [
        "100.00 EUR reaches the threshold of 100.00 EUR",
        "it is the first invoice of acme",
    ]


def test_the_request_tells_the_approver_why_and_says_when_it_is_due() -> None:
    policy = replace(FROM_A_HUNDRED, second_approver=CFO, overdue_after=timedelta(hours=48))
    invoice = an_invoice_over("100.00")
    judged = replace(invoice, issues=approval_reasons(invoice, policy, NO_HISTORY))

    request = requested(judged, policy, task_token="token", requested_at=SECOND_OF_NOVEMBER)

    assert request.reasons == ("100.00 EUR reaches the threshold of 100.00 EUR",)
    assert request.due_at == SECOND_OF_NOVEMBER + timedelta(hours=48)
    assert request.approvers == (DANA,)


def test_without_a_policy_the_request_is_to_nobody_and_never_due() -> None:
    request = requested(a_draft(), None, task_token="token", requested_at=SECOND_OF_NOVEMBER)

    assert (request.approver, request.second_approver, request.due_at) == ("", "", None)


def test_once_it_is_escalated_the_second_approver_may_decide_too() -> None:
    waiting = replace(REQUEST, second_approver=CFO)
    hers = replace(YES, decided_by=CFO)
    with pytest.raises(DecisionNotAllowedError, match="not the approver"):
        check_decision(hers, invoice=a_draft(), request=waiting)

    overdue = escalated(waiting, at=SECOND_OF_NOVEMBER + timedelta(days=3))

    check_decision(hers, invoice=a_draft(), request=overdue)
    check_decision(YES, invoice=a_draft(), request=overdue)


def test_whom_the_catalogue_names_by_now_decides() -> None:
    changed = asked_of(replace(FROM_A_HUNDRED, approver=CFO), REQUEST)

    check_decision(replace(YES, decided_by=CFO), invoice=a_draft(), request=changed)
    with pytest.raises(DecisionNotAllowedError):
        check_decision(YES, invoice=a_draft(), request=changed)
    assert asked_of(None, REQUEST) == REQUEST
    assert asked_of(replace(FROM_A_HUNDRED, second_approver=CFO), REQUEST).second_approver == CFO


def test_the_approver_decides() -> None:
    check_decision(YES, invoice=a_draft(), request=REQUEST)


@pytest.mark.parametrize(
    ("decision", "request_", "prepared_by", "why"),
    [
        (replace(YES, decided_by="eve@nimbus.example"), REQUEST, "bill-run", "not the approver"),
        (replace(YES, decided_by=""), replace(REQUEST, approver=""), "bill-run", "not the approver"),
        (YES, REQUEST, DANA, "has prepared"),
        (replace(YES, decided_at=SECOND_OF_NOVEMBER - timedelta(seconds=1)), REQUEST, "bill-run", "drafted anew"),
    ],
    ids=["somebody else", "nobody", "the preparer", "of an earlier draft"],
)
def test_nobody_else_decides(decision: ApprovalDecision, request_: ApprovalRequest, prepared_by: str, why: str) -> None:
    with pytest.raises(DecisionNotAllowedError, match=why):
        check_decision(decision, invoice=a_draft(prepared_by=prepared_by), request=request_)
