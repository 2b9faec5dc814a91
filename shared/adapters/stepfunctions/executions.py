"""Executions of invoice_lifecycle in Step Functions (port InvoiceExecutions)."""

import json
from typing import TYPE_CHECKING

from shared.contracts.bill_run import lifecycle_input
from shared.domain.identifiers import TenantId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunSelection, InvoiceClaim, execution_name
from shared.ports.invoice_executions import ExecutionInputDiffersError, ExecutionStatus

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StepFunctionsInvoiceExecutions:
    """Names are made of the claim, so that the service itself refuses a second execution of one attempt."""

    def __init__(self, client: "SFNClient", state_machine_arn: str, tenant: TenantId) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn
        self._tenant = tenant

    def name_of(self, claim: InvoiceClaim) -> str:
        return execution_name(claim, tenant=self._tenant)

    def status(self, claim: InvoiceClaim) -> ExecutionStatus:
        try:
            status = self._client.describe_execution(executionArn=self._arn(claim))["status"]
        except self._client.exceptions.ExecutionDoesNotExist:
            return ExecutionStatus.UNKNOWN
        match status:
            case "RUNNING" | "PENDING_REDRIVE":
                return ExecutionStatus.RUNNING
            case "SUCCEEDED":
                return ExecutionStatus.SUCCEEDED
            case _:
                return ExecutionStatus.FAILED

    def start(self, claim: InvoiceClaim, account: BillingAccount, selection: BillRunSelection) -> None:
        text = lifecycle_input(account, selection, tenant=self._tenant)
        try:
            self._client.start_execution(stateMachineArn=self._state_machine_arn, name=self.name_of(claim), input=text)
        except self._client.exceptions.ExecutionAlreadyExists as error:
            # An execution that has ended refuses its own input too; only another input is a fault.
            existing = self._client.describe_execution(executionArn=self._arn(claim)).get("input", "")
            if json.loads(existing) != json.loads(text):
                raise ExecutionInputDiffersError(self.name_of(claim)) from error

    def _arn(self, claim: InvoiceClaim) -> str:
        machine = self._state_machine_arn.replace(":stateMachine:", ":execution:")
        return f"{machine}:{self.name_of(claim)}"
