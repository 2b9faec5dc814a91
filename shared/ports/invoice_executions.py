"""Executions of invoice_lifecycle."""

from enum import StrEnum
from typing import Protocol

from shared.domain.invoicing.bill_run import BillingAccount, BillRunSelection, InvoiceClaim


class ExecutionStatus(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # also timed out or stopped
    UNKNOWN = "unknown"  # never started, or so long ago that nothing is kept of it


class ExecutionInputDiffersError(Exception):
    """An execution of this name exists with another input: two claims met under one name."""


class InvoiceExecutions(Protocol):
    def name_of(self, claim: InvoiceClaim) -> str: ...

    def status(self, claim: InvoiceClaim) -> ExecutionStatus: ...

    def start(self, claim: InvoiceClaim, account: BillingAccount, selection: BillRunSelection) -> None:
        """Start the claim's execution. Starting it again changes nothing, also after it has ended."""
