"""request_approval: the newest token waits, and a decision that is there is told at once."""

from shared.domain.invoicing.invoice import ApprovalDecision
from shared.domain.master_data.catalog import ApprovalPolicy
from tests.builders.billing import SECOND_OF_NOVEMBER, calls, catalog, euros, nimbus
from tests.fakes.billing_world import ACCOUNT, BillingWorld

DANA = "dana@nimbus.example"
YES = ApprovalDecision(approved=True, decided_by=DANA, decided_at=SECOND_OF_NOVEMBER)


def a_waiting_world(approver: str = DANA) -> BillingWorld:
    world = BillingWorld(calls(150))
    policy = ApprovalPolicy(thresholds=(euros("100.00"),), approver=approver)
    world.publish(catalog(entity=nimbus(approval=policy)))
    world.build(world.select())
    world.tax()
    world.validate()
    return world


def test_the_approver_finds_the_request_among_the_exceptions() -> None:
    world = a_waiting_world()

    world.request_approval("token-one")

    (record,) = world.exceptions.open.values()
    assert record.exception_id == "APPROVAL_PENDING:c-acme/2026-10"
    assert dict(record.detail) == {
        "invoice_id": "c-acme/2026-10",
        "revision": "1",
        "amount": "132.69 EUR",
        "approver": DANA,
        "prepared_by": world.invoice.prepared_by,
        "reasons": "132.69 EUR reaches the threshold of 100.00 EUR",
    }
    assert "token-one" not in str(record)


def test_a_repeat_brings_the_token_that_is_waited_on() -> None:
    world = a_waiting_world()
    world.request_approval("token-one")
    world.request_approval("token-two")

    request = world.requests.read(ACCOUNT.invoice_id, 1)

    assert request is not None
    assert request.task_token == "token-two"


def test_a_repeat_after_the_decision_is_answered_at_once() -> None:
    world = a_waiting_world()
    world.request_approval("token-one")
    world.decide(YES)

    world.request_approval("token-two")

    assert world.callbacks.answers == {"token-one": True, "token-two": True}


def test_without_an_approver_the_invoice_waits_in_the_exceptions() -> None:
    world = a_waiting_world(approver="")

    world.request_approval("token-one")

    (record,) = world.exceptions.open.values()
    assert "an unnamed approver" in record.message
