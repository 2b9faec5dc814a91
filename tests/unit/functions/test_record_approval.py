"""record_approval: the approver's word, once, stored before anybody goes on."""

from dataclasses import replace

import pytest

from functions.record_approval.use_case import NoApprovalRequestedError
from shared.domain.invoicing.approval import DecisionNotAllowedError
from shared.domain.invoicing.invoice import ApprovalDecision, InvoiceState
from shared.domain.master_data.catalog import ApprovalPolicy
from tests.builders.billing import SECOND_OF_NOVEMBER, THIRD_OF_NOVEMBER, calls, catalog, euros, nimbus
from tests.fakes.billing_world import TOKEN, BillingWorld

DANA = "dana@nimbus.example"
YES = ApprovalDecision(approved=True, decided_by=DANA, decided_at=SECOND_OF_NOVEMBER)
NO = replace(YES, approved=False, reason="the customer disputes it")


def a_waiting_world() -> BillingWorld:
    world = BillingWorld(calls(150))
    policy = ApprovalPolicy(thresholds=(euros("100.00"),), approver=DANA)
    world.publish(catalog(entity=nimbus(approval=policy)))
    world.build(world.select())
    world.tax()
    world.validate()
    world.request_approval()
    return world


def test_an_approval_lets_the_execution_go_on() -> None:
    world = a_waiting_world()

    world.decide(YES)

    assert world.invoice.state is InvoiceState.APPROVED
    assert world.invoice.approval == YES
    assert world.callbacks.answers == {TOKEN: True}
    assert world.exceptions.open == {}
    assert world.issue().number == "DE-000001"


def test_a_rejection_takes_no_number_and_is_an_exception() -> None:
    world = a_waiting_world()

    world.decide(NO)

    assert world.invoice.state is InvoiceState.REJECTED
    assert world.callbacks.answers == {TOKEN: False}
    (record,) = world.exceptions.open.values()
    assert record.exception_id == "APPROVAL_REJECTED:c-acme/2026-10"
    assert "disputes" in record.message


def test_a_rejected_invoice_is_drafted_anew_once_the_master_data_has_changed() -> None:
    world = a_waiting_world()
    world.start(world.select())
    world.decide(NO)
    assert world.select(THIRD_OF_NOVEMBER).batches == ()

    world.publish(catalog(), "v2")

    assert world.select(THIRD_OF_NOVEMBER.replace(day=4)).batches != ()


def test_a_message_that_comes_twice_decides_once() -> None:
    world = a_waiting_world()

    assert world.decide(YES) == world.decide(YES)


def test_the_first_decision_stands() -> None:
    world = a_waiting_world()
    world.decide(YES)

    with pytest.raises(DecisionNotAllowedError, match="before"):
        world.decide(NO)

    assert world.invoice.state is InvoiceState.APPROVED


def test_somebody_else_decides_nothing() -> None:
    world = a_waiting_world()

    with pytest.raises(DecisionNotAllowedError):
        world.decide(replace(YES, decided_by="eve@nimbus.example"))

    assert world.invoice.state is InvoiceState.AWAITING_APPROVAL
    assert world.callbacks.answers == {}


def test_a_decision_nobody_asked_for_is_a_fault() -> None:
    with pytest.raises(NoApprovalRequestedError):
        BillingWorld(calls(150)).decide(YES)
