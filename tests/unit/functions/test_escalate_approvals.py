"""escalate_approvals: past its time a request is a second approver's too, and still nobody has approved it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.invoicing.approval import ApprovalRequest, DecisionNotAllowedError
from shared.domain.invoicing.invoice import ApprovalDecision, InvoiceState
from shared.domain.master_data.approval_policy import ApprovalPolicy
from tests.builders.billing import SECOND_OF_NOVEMBER, calls, catalog, euros, nimbus
from tests.fakes.billing_world import ACCOUNT, TOKEN, BillingWorld

DANA, CFO = "dana@nimbus.example", "grace@nimbus.example"
POLICY = ApprovalPolicy(
    thresholds=(euros("100.00"),), approver=DANA, second_approver=CFO, overdue_after=timedelta(hours=48)
)
IN_TIME, OVERDUE = SECOND_OF_NOVEMBER + timedelta(hours=47), SECOND_OF_NOVEMBER + timedelta(hours=48)
HERS = ApprovalDecision(approved=True, decided_by=CFO, decided_at=OVERDUE + timedelta(hours=1))


def a_waiting_world() -> BillingWorld:
    world = BillingWorld(calls(150))
    world.publish(catalog(entity=nimbus(approval=POLICY)))
    world.build(world.select())
    world.tax()
    world.validate()
    world.request_approval()
    return world


def request(world: BillingWorld) -> ApprovalRequest:
    found = world.requests.read(ACCOUNT.invoice_id, 1)
    assert found is not None
    return found


def test_before_its_time_a_request_stays_with_the_approver() -> None:
    world = a_waiting_world()

    assert world.escalate(IN_TIME) == 0

    assert request(world).approvers == (DANA,)


def test_an_overdue_request_is_told_and_the_second_approver_may_decide() -> None:
    world = a_waiting_world()

    assert world.escalate(OVERDUE) == 1

    record, _ = world.exceptions.open.values()
    assert record.exception_id == "APPROVAL_OVERDUE:c-acme/2026-10"
    assert record.message == (
        "132.69 EUR to acme waits for dana@nimbus.example since 2026-11-02 06:00 UTC;"
        " grace@nimbus.example may decide too"
    )
    assert world.decide(HERS).state is InvoiceState.APPROVED
    assert world.callbacks.answers == {TOKEN: True}
    assert world.exceptions.open == {}


def test_before_it_is_escalated_the_second_approver_may_not_decide() -> None:
    world = a_waiting_world()

    with pytest.raises(DecisionNotAllowedError):
        world.decide(HERS)


def test_however_much_time_passes_nothing_is_approved_by_it() -> None:
    world = a_waiting_world()

    for day in range(3, 60):
        world.escalate(SECOND_OF_NOVEMBER + timedelta(days=day))

    assert world.invoice.state is InvoiceState.AWAITING_APPROVAL
    assert world.callbacks.answers == {}
    assert [record.code for record in world.exceptions.reported] == ["APPROVAL_PENDING", "APPROVAL_OVERDUE"]


def test_what_is_decided_in_time_is_not_escalated() -> None:
    world = a_waiting_world()
    world.decide(replace(HERS, decided_by=DANA, decided_at=IN_TIME))

    assert world.escalate(OVERDUE) == 0
    assert world.exceptions.open == {}


def test_what_is_asked_anew_has_its_time_again() -> None:
    world = a_waiting_world()
    world.clock.instant = IN_TIME
    world.request_approval("a newer token")

    assert world.escalate(OVERDUE) == 0
    assert world.escalate(IN_TIME + timedelta(hours=48)) == 1


def test_an_approver_whom_the_catalogue_names_meanwhile_may_decide() -> None:
    world = a_waiting_world()
    world.publish(catalog(entity=nimbus(approval=replace(POLICY, approver="newcomer@nimbus.example"))), "v2")

    with pytest.raises(DecisionNotAllowedError):
        world.decide(replace(HERS, decided_by=DANA))

    assert world.decide(replace(HERS, decided_by="newcomer@nimbus.example")).state is InvoiceState.APPROVED
