"""start_invoices: one execution per claim, one claim per invoice at a time."""

import pytest

from functions.start_invoices.use_case import BillRunNotSelectedError, InvoiceStarter, Start
from shared.ports.invoice_executions import ExecutionStatus
from tests.builders.billing import FIRST_RUN, THIRD_OF_NOVEMBER, calls
from tests.fakes.billing_world import BillingWorld

FIRST_EXECUTION, SECOND_EXECUTION = "c-acme/2026-10-1-1", "c-acme/2026-10-1-2"


def test_an_invoice_is_started_once_however_often_the_batch_comes() -> None:
    world = BillingWorld(calls(150))
    selection = world.select()

    assert world.start(selection) == [Start.FIRST]
    assert world.start(selection) == [Start.FIRST]

    assert list(world.executions.started) == [FIRST_EXECUTION]


def test_a_later_bill_run_leaves_a_running_execution_alone() -> None:
    world = BillingWorld(calls(150))
    world.start(world.select())

    assert world.start(world.select(THIRD_OF_NOVEMBER)) == [Start.LEFT_RUNNING]

    assert list(world.executions.started) == [FIRST_EXECUTION]


def test_a_later_bill_run_starts_anew_what_has_failed_and_closes_its_exception() -> None:
    world = BillingWorld(calls(150))
    world.start(world.select())
    world.executions.end(FIRST_EXECUTION, ExecutionStatus.FAILED)

    assert world.start(world.select(THIRD_OF_NOVEMBER)) == [Start.ANEW]

    assert list(world.executions.started) == [FIRST_EXECUTION, SECOND_EXECUTION]
    assert list(world.exceptions.resolved) == [f"FAILED_EXECUTION:{FIRST_EXECUTION}"]


def test_a_claim_whose_execution_never_started_is_taken_over() -> None:
    world = BillingWorld(calls(150))
    selection = world.select()
    world.start(selection)
    world.executions.started.clear()
    world.executions.end(FIRST_EXECUTION, ExecutionStatus.UNKNOWN)

    assert world.start(world.select(THIRD_OF_NOVEMBER)) == [Start.ANEW]

    assert list(world.executions.started) == [SECOND_EXECUTION]


def test_a_bill_run_without_a_selection_starts_nothing() -> None:
    world = BillingWorld()
    starter = InvoiceStarter(
        bill_runs=world.bill_runs, claims=world.claims, executions=world.executions, exceptions=world.exceptions
    )

    with pytest.raises(BillRunNotSelectedError):
        starter.start_batch(FIRST_RUN, "batch")
