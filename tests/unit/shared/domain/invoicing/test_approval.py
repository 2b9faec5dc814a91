"""Approval: which invoices wait, and whose word counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.invoicing.approval import ApprovalRequest, DecisionNotAllowedError, check_decision, needs_approval
from shared.domain.invoicing.invoice import ApprovalDecision, Invoice
from shared.domain.master_data.catalog import ApprovalPolicy
from shared.domain.money import Money, currency
from tests.builders.billing import SECOND_OF_NOVEMBER, a_draft, euros

DANA = "dana@nimbus.example"
FROM_A_HUNDRED = ApprovalPolicy(thresholds=(euros("100.00"),), approver=DANA)


def an_invoice_over(gross: str) -> Invoice:
    return replace(a_draft(), gross=euros(gross))


REQUEST = ApprovalRequest(
    invoice_id=a_draft().invoice_id, revision=1, approver=DANA, requested_at=SECOND_OF_NOVEMBER, task_token="token"
)
YES = ApprovalDecision(approved=True, decided_by=DANA, decided_at=SECOND_OF_NOVEMBER)


@pytest.mark.parametrize(("gross", "waits"), [("99.99", False), ("100.00", True), ("100.01", True)])
def test_an_invoice_waits_from_the_threshold_on(gross: str, *, waits: bool) -> None:
    assert needs_approval(an_invoice_over(gross), FROM_A_HUNDRED) is waits


def test_without_a_policy_nothing_waits() -> None:
    assert not needs_approval(an_invoice_over("1000000.00"), None)


def test_a_currency_without_a_threshold_waits() -> None:
    dollars_only = replace(FROM_A_HUNDRED, thresholds=(Money(euros("5").amount, currency("USD")),))

    assert needs_approval(an_invoice_over("0.01"), dollars_only)


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
