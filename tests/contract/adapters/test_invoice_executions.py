"""Executions in memory and in Step Functions: one per claim, however often it is started."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from shared.adapters.stepfunctions.callbacks import TaskTokenApprovalCallbacks
from shared.adapters.stepfunctions.executions import StepFunctionsInvoiceExecutions
from shared.domain.identifiers import ContractId, CustomerId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunSelection, InvoiceClaim
from shared.ports.invoice_executions import ExecutionInputDiffersError, ExecutionStatus, InvoiceExecutions
from shared.runtime import aws
from tests.builders.billing import FIRST_RUN, OCTOBER, SECOND_OF_NOVEMBER, TENANT
from tests.fakes.in_memory_bill_runs import InMemoryInvoiceExecutions

ACCOUNT = BillingAccount(customer_id=CustomerId("acme"), contract_id=ContractId("c-acme"), billing_period=OCTOBER)
CLAIM = InvoiceClaim(invoice_id=ACCOUNT.invoice_id, revision=1, attempt=1, bill_run_id=FIRST_RUN)
SELECTION = BillRunSelection(
    bill_run_id=FIRST_RUN, as_of=SECOND_OF_NOVEMBER, waiting_for=(), periods=(OCTOBER,), batches=("one",)
)
ROLE = "arn:aws:iam::123456789012:role/states"
WAIT = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}


@pytest.fixture(params=["memory", "step functions"])
def executions(request: pytest.FixtureRequest) -> Iterator[InvoiceExecutions]:
    if request.param == "memory":
        yield InMemoryInvoiceExecutions()
        return
    with mock_aws():
        machine = aws.stepfunctions().create_state_machine(
            name="invoice-lifecycle", definition=json.dumps(WAIT), roleArn=ROLE
        )
        yield StepFunctionsInvoiceExecutions(aws.stepfunctions(), machine["stateMachineArn"], TENANT)


def test_a_claim_that_was_never_started_is_unknown(executions: InvoiceExecutions) -> None:
    assert executions.status(CLAIM) is ExecutionStatus.UNKNOWN


def test_starting_twice_starts_once(executions: InvoiceExecutions) -> None:
    executions.start(CLAIM, ACCOUNT, SELECTION)
    executions.start(CLAIM, ACCOUNT, SELECTION)

    assert executions.status(CLAIM) is ExecutionStatus.RUNNING
    assert executions.status(replace(CLAIM, attempt=2)) is ExecutionStatus.UNKNOWN


def test_another_input_under_the_same_name_is_a_fault(executions: InvoiceExecutions) -> None:
    executions.start(CLAIM, ACCOUNT, SELECTION)

    with pytest.raises(ExecutionInputDiffersError):
        executions.start(CLAIM, replace(ACCOUNT, customer_id=CustomerId("other")), SELECTION)


def test_an_execution_that_was_stopped_has_failed() -> None:
    with mock_aws():
        machine = aws.stepfunctions().create_state_machine(
            name="invoice-lifecycle", definition=json.dumps(WAIT), roleArn=ROLE
        )
        executions = StepFunctionsInvoiceExecutions(aws.stepfunctions(), machine["stateMachineArn"], TENANT)
        executions.start(CLAIM, ACCOUNT, SELECTION)
        (started,) = aws.stepfunctions().list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
        aws.stepfunctions().stop_execution(executionArn=started["executionArn"])

        executions.start(CLAIM, ACCOUNT, SELECTION)

        assert executions.status(CLAIM) is ExecutionStatus.FAILED


def test_an_execution_that_waits_no_longer_needs_no_answer() -> None:
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        TaskTokenApprovalCallbacks(aws.stepfunctions()).answer("a token of long ago", approved=True)
