"""start_invoices: one execution per claim, one claim per invoice at a time."""

from datetime import timedelta
from typing import Any

import pytest

from functions.start_invoices.use_case import BillRunNotSelectedError, InvoiceStarter, Start
from shared.domain.invoicing.bill_run import BillingAccount, BillRunSelection, InvoiceClaim
from shared.domain.invoicing.parking import released
from shared.ports.invoice_executions import ExecutionInputDiffersError, ExecutionStatus
from tests.builders.billing import (
    FIRST_RUN,
    SECOND_OF_NOVEMBER,
    TENANT,
    THIRD_OF_NOVEMBER,
    calls,
    catalog,
    contract,
)
from tests.fakes.billing_world import BillingWorld
from tests.fakes.in_memory_bill_runs import InMemoryInvoiceExecutions

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
        tenant=TENANT,
        bill_runs=world.bill_runs,
        claims=world.claims,
        executions=world.executions,
        exceptions=world.exceptions,
        parked=world.parked,
        park_after=7,
    )

    with pytest.raises(BillRunNotSelectedError):
        starter.start_batch(FIRST_RUN, "batch")


class _CannotStart:
    """Executions that refuse some invoices for good."""

    def __init__(self, executions: InMemoryInvoiceExecutions, *refused: str) -> None:
        self._executions = executions
        self._refused = refused

    def __getattr__(self, name: str) -> Any:
        return getattr(self._executions, name)

    def start(self, claim: InvoiceClaim, account: BillingAccount, selection: BillRunSelection) -> None:
        if claim.invoice_id in self._refused:
            raise ExecutionInputDiffersError(claim.invoice_id)
        self._executions.start(claim, account, selection)


def three_contracts() -> BillingWorld:
    world = BillingWorld(calls(150))
    world.publish(catalog(contracts=[contract(contract_id=f"c-{name}") for name in ("acme", "globex", "initech")]))
    return world


def test_an_account_that_cannot_be_started_holds_back_no_other_and_is_reported() -> None:
    world = three_contracts()
    working, world.executions = world.executions, _CannotStart(world.executions, "c-globex/2026-10")  # type: ignore[assignment]

    starts = world.start(world.select())

    assert starts == [Start.FIRST, Start.FIRST, Start.FAILED]
    assert sorted(working.started) == ["c-acme/2026-10-1-1", "c-initech/2026-10-1-1"]
    (record,) = world.exceptions.open.values()
    assert record.exception_id == "INVOICE_NOT_STARTED:c-globex/2026-10"
    assert "ExecutionInputDiffersError" in record.message


def test_what_could_not_be_started_is_started_by_the_next_bill_run_and_its_exception_closes() -> None:
    world = three_contracts()
    working, world.executions = world.executions, _CannotStart(world.executions, "c-globex/2026-10")  # type: ignore[assignment]
    world.start(world.select())
    world.executions = working

    world.start(world.select(THIRD_OF_NOVEMBER))

    assert "c-globex/2026-10-1-2" in working.started
    assert world.exceptions.open == {}


def test_where_not_one_account_can_be_started_it_is_no_fault_of_theirs() -> None:
    world = three_contracts()
    refused = [f"c-{name}/2026-10" for name in ("acme", "globex", "initech")]
    world.executions = _CannotStart(world.executions, *refused)  # type: ignore[assignment]

    with pytest.raises(ExecutionInputDiffersError):
        world.start(world.select())

    assert world.exceptions.reported == []


def test_an_account_that_seven_bill_runs_have_failed_on_is_parked_by_the_eighth() -> None:
    world = BillingWorld(calls(150))

    starts = [one for day in range(9) for one in fail_on(world, day)]

    assert starts == [Start.FIRST, *[Start.ANEW] * 6, Start.PARKED]
    assert list(world.exceptions.open) == ["ACCOUNT_PARKED:c-acme/2026-10"]
    assert world.select(SECOND_OF_NOVEMBER + timedelta(days=9)).parked == 1


def test_parking_an_account_twice_is_parking_it_once() -> None:
    world = parked_world()
    selection = world.select(SECOND_OF_NOVEMBER + timedelta(days=7))

    assert world.start(selection) == [Start.PARKED]

    assert len(list(world.parked.every())) == 1


def test_another_catalogue_unparks_an_account_and_gives_it_seven_bill_runs_again() -> None:
    world = parked_world()
    world.publish(catalog(), "v2")

    starts = [one for day in range(8, 16) for one in fail_on(world, day)]

    assert starts == [*[Start.ANEW] * 7, Start.PARKED]


def test_a_person_unparks_an_account_and_the_next_bill_run_takes_it_up() -> None:
    world = parked_world()
    (account,) = world.parked.every()
    world.parked.save(released(account, by="carl@nimbus.example", at=world.clock.now(), note="the hold is released"))

    assert fail_on(world, 8) == [Start.ANEW]

    assert "ACCOUNT_PARKED:c-acme/2026-10" not in world.exceptions.open


def parked_world() -> BillingWorld:
    world = BillingWorld(calls(150))
    for day in range(8):
        fail_on(world, day)
    return world


def fail_on(world: BillingWorld, day: int) -> list[Start]:
    """Let the bill run of a day start what it may, and all executions fail."""
    starts = world.start(world.select(SECOND_OF_NOVEMBER + timedelta(days=day)))
    world.executions.end_all(ExecutionStatus.FAILED)
    return starts
