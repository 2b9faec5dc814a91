"""record_bill_runs: what became of a bill run, worked out anew each time, and a person's word on it."""

from dataclasses import replace

import pytest

from functions.record_bill_runs.use_case import ApprovalRefusedError, BillRunNotFoundError
from functions.validate_invoice.use_case import Verdict
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.bill_run import BillRunId
from shared.domain.invoicing.bill_run_record import BillRunEnd, BillRunRecord, faults_of
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.master_data.approval_policy import ApprovalPolicy
from shared.ports.invoice_executions import ExecutionStatus
from shared.ports.invoices import StoredInvoice
from tests.builders.billing import (
    FIRST_RUN,
    SECOND_OF_NOVEMBER,
    THIRD_OF_NOVEMBER,
    a_draft,
    calls,
    catalog,
    contract,
    euros,
    nimbus,
)
from tests.fakes.billing_world import BillingWorld

DANA = "dana@nimbus.example"
FROM_A_HUNDRED = ApprovalPolicy(thresholds=(euros("100.00"),), approver=DANA)


def ends(record: BillRunRecord) -> dict[str, int]:
    return {end.value: count for end, count in record.ends}


def test_a_posted_month_is_counted_and_its_gross_is_its_lines_and_taxes() -> None:
    world = BillingWorld(calls(150))
    world.run()

    record = world.recorder.record(FIRST_RUN)

    assert (record.selected, record.built, ends(record)) == (1, 1, {"posted": 1})
    (posted,) = record.amounts
    assert (posted.gross, posted.lines, posted.taxes) == (euros("132.69"), euros("111.50"), euros("21.19"))
    assert faults_of(record) == ()
    assert record.is_settled


def test_the_same_bill_run_twice_changes_nothing() -> None:
    world = BillingWorld(calls(150))
    world.run()
    once, invoice, exceptions = world.recorder.record(FIRST_RUN), world.invoice, list(world.exceptions.reported)

    world.run(SECOND_OF_NOVEMBER)

    assert world.recorder.record(FIRST_RUN) == once
    assert world.invoice == invoice
    assert world.exceptions.reported == exceptions
    assert list(world.executions.started) == ["c-acme/2026-10-1-1"]


def test_every_account_is_at_one_end_and_failures_are_named() -> None:
    world = three_accounts()
    selection = world.select()
    world.start(selection)
    world.executions.end("c-globex/2026-10-1-1", ExecutionStatus.FAILED)
    world.build(selection)

    record = world.recorder.record(FIRST_RUN)

    assert ends(record) == {"under way": 2, "failed": 1}
    assert record.failures == ((BillRunEnd.FAILED, "c-globex/2026-10"),)
    assert faults_of(record) == ()
    assert not record.is_settled


def test_what_is_not_started_yet_is_said() -> None:
    world = three_accounts()
    world.select()

    assert ends(world.recorder.record(FIRST_RUN)) == {"not started": 3}


def test_what_a_later_run_took_up_is_its_own_and_no_longer_this_ones() -> None:
    world = BillingWorld(calls(150))
    world.start(world.select())
    world.executions.end_all(ExecutionStatus.FAILED)
    world.run(THIRD_OF_NOVEMBER)

    assert ends(world.recorder.record(FIRST_RUN)) == {"another bill run's": 1}
    assert ends(world.recorder.record(world.recorder.newest())) == {"posted": 1}


def test_an_invoice_whose_total_is_not_its_lines_is_a_difference_and_cannot_be_approved() -> None:
    world = BillingWorld(calls(150))
    world.publish(catalog(entity=nimbus(approval=FROM_A_HUNDRED)))
    waiting(world)
    stored = world.invoices.read(InvoiceId("c-acme/2026-10"), 1)
    assert stored is not None
    bent = replace(stored.invoice, gross=euros("132.70"))
    world.invoices.save(StoredInvoice(invoice=bent, version=stored.version + 1))

    with pytest.raises(
        ApprovalRefusedError, match=r"132\.70 EUR, their lines to 111\.50 EUR and their taxes to 21\.19 EUR"
    ):
        world.recorder.approve(FIRST_RUN, by=DANA)

    assert world.decisions.sent == []


def test_a_bill_run_with_accounts_under_way_cannot_be_approved() -> None:
    world = three_accounts()
    world.start(world.select())

    with pytest.raises(ApprovalRefusedError, match="3 accounts"):
        world.recorder.approve(FIRST_RUN, by=DANA)


def test_only_whom_the_catalogue_names_approves_a_bill_run() -> None:
    world = BillingWorld(calls(150))
    world.publish(catalog(entity=nimbus(approval=FROM_A_HUNDRED)))
    waiting(world)

    with pytest.raises(ApprovalRefusedError, match="eve@"):
        world.recorder.approve(FIRST_RUN, by="eve@nimbus.example")


def test_approving_a_bill_run_approves_what_waits_for_that_person_and_twice_is_once() -> None:
    world = BillingWorld(calls(150))
    world.publish(catalog(entity=nimbus(approval=FROM_A_HUNDRED)))
    waiting(world)

    record = world.recorder.approve(FIRST_RUN, by=DANA)
    again = world.recorder.approve(FIRST_RUN, by=DANA)

    assert record.approval is not None
    assert again.approval == record.approval
    first, second = world.decisions.sent
    assert first == second
    assert world.decide(first[2]).state is InvoiceState.APPROVED
    assert world.decide(second[2]).state is InvoiceState.APPROVED
    world.issue()
    assert ends(world.recorder.record(FIRST_RUN)) == {"issued": 1}


@pytest.mark.parametrize("state", InvoiceState)
def test_every_state_of_an_invoice_is_an_end(state: InvoiceState) -> None:
    world = BillingWorld(calls(150))
    world.start(world.select())
    world.invoices.save(StoredInvoice(invoice=replace(a_draft(), state=state), version=1))

    record = world.recorder.record(FIRST_RUN)

    assert (record.built, sum(count for _, count in record.ends)) == (1, 1)


def test_the_schedule_records_what_is_not_settled_and_leaves_the_rest() -> None:
    world = BillingWorld(calls(150))
    assert world.recorder.record_unsettled() == ()
    world.start(world.select())
    assert world.recorder.record_unsettled() == (FIRST_RUN,)
    world.run()

    assert world.recorder.record_unsettled() == (FIRST_RUN,)
    assert world.recorder.record_unsettled() == ()


def test_a_bill_run_that_never_was_is_named() -> None:
    recorder = BillingWorld().recorder

    with pytest.raises(BillRunNotFoundError):
        recorder.newest()
    with pytest.raises(BillRunNotFoundError, match="there is no bill run tomorrow"):
        recorder.record(BillRunId("tomorrow"))


def three_accounts() -> BillingWorld:
    world = BillingWorld(calls(150))
    contracts = [contract(contract_id=f"c-{name}") for name in ("acme", "globex", "initech")]
    world.publish(catalog(contracts=contracts, entity=nimbus(approval=FROM_A_HUNDRED)))
    return world


def waiting(world: BillingWorld) -> None:
    selection = world.select()
    world.start(selection)
    world.build(selection)
    world.tax()
    assert world.validate() is Verdict.NEEDS_APPROVAL
    world.request_approval()
