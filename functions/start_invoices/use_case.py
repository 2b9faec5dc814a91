"""Start the invoices of one batch, each under a claim that lets only one bill run work on it at a time."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.bill_run import BillRunId, BillRunSelection, InvoiceClaim, superseded
from shared.domain.invoicing.draft import FIRST_REVISION
from shared.ports.bill_runs import BillRuns, ClaimTakenError, InvoiceClaims
from shared.ports.exceptions import ExceptionReporter
from shared.ports.invoice_executions import ExecutionStatus, InvoiceExecutions


class Start(Enum):
    FIRST = auto()
    ANEW = auto()  # an earlier bill run's execution has ended without an issued invoice
    LEFT_RUNNING = auto()


class BillRunNotSelectedError(LookupError):
    """The bill run has no selection: select_billing_accounts comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceStarter:
    bill_runs: BillRuns
    claims: InvoiceClaims
    executions: InvoiceExecutions
    exceptions: ExceptionReporter

    def start_batch(self, bill_run_id: BillRunId, batch: str) -> list[Start]:
        """Start what the batch names; doing it again starts nothing more. Raises KeyError for an unknown batch."""
        selection = self.bill_runs.selection(bill_run_id)
        if selection is None:
            raise BillRunNotSelectedError(bill_run_id)
        starts = []
        for account in self.bill_runs.batch(bill_run_id, batch):
            claim, start = self._claim(account.invoice_id, selection)
            if start is not Start.LEFT_RUNNING:
                self.executions.start(claim, account, selection)
            starts.append(start)
        return starts

    def _claim(self, invoice_id: InvoiceId, selection: BillRunSelection) -> tuple[InvoiceClaim, Start]:
        held = self.claims.read(invoice_id, FIRST_REVISION)
        if held is None:
            first = InvoiceClaim(
                invoice_id=invoice_id, revision=FIRST_REVISION, attempt=1, bill_run_id=selection.bill_run_id
            )
            return self._take(first, Start.FIRST)
        if held.bill_run_id == selection.bill_run_id:
            self._close_failure_before(held, selection.as_of)
            return held, Start.FIRST if held.attempt == 1 else Start.ANEW
        if self.executions.status(held) is ExecutionStatus.RUNNING:
            return held, Start.LEFT_RUNNING
        claim, start = self._take(superseded(held, by=selection.bill_run_id), Start.ANEW)
        if start is Start.ANEW:
            self._close_failure_before(claim, selection.as_of)
        return claim, start

    def _take(self, claim: InvoiceClaim, start: Start) -> tuple[InvoiceClaim, Start]:
        try:
            self.claims.take(claim)
        except ClaimTakenError:
            return claim, Start.LEFT_RUNNING  # another bill run was faster and starts it
        return claim, start

    def _close_failure_before(self, claim: InvoiceClaim, now: datetime) -> None:
        if claim.attempt == 1:
            return
        before = InvoiceClaim(
            invoice_id=claim.invoice_id,
            revision=claim.revision,
            attempt=claim.attempt - 1,
            bill_run_id=claim.bill_run_id,
        )
        if self.executions.status(before) is ExecutionStatus.FAILED:
            failure = exception_id(ExceptionCode.FAILED_EXECUTION, self.executions.name_of(before))
            self.exceptions.resolve(failure, f"started anew by {claim.bill_run_id}", now)
