"""Start the invoices of one batch, each under a claim that lets only one bill run work on it at a time."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ExceptionId, InvoiceId, TenantId
from shared.domain.invoicing.bill_run import (
    BillingAccount,
    BillRunId,
    BillRunSelection,
    InvoiceClaim,
    first_claim,
    superseded,
)
from shared.domain.invoicing.parking import ParkedAccount, exception_of, failed_in_a_row, is_parked, parked
from shared.ports.bill_runs import BillRuns, ClaimTakenError, InvoiceClaims
from shared.ports.exceptions import ExceptionReporter
from shared.ports.invoice_executions import ExecutionStatus, InvoiceExecutions
from shared.ports.parked_accounts import ParkedAccounts

TRIES_OF_AN_ACCOUNT = 2

logger = logging.getLogger(__name__)


class Start(Enum):
    FIRST = auto()
    ANEW = auto()  # an earlier bill run's execution has ended without an issued invoice
    LEFT_RUNNING = auto()
    PARKED = auto()  # too many bill runs in a row have ended so
    FAILED = auto()


class BillRunNotSelectedError(LookupError):
    """The bill run has no selection: select_billing_accounts comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceStarter:
    """`park_after` is how many bill runs in a row may end without an issued invoice of an account."""

    tenant: TenantId
    bill_runs: BillRuns
    claims: InvoiceClaims
    executions: InvoiceExecutions
    exceptions: ExceptionReporter
    parked: ParkedAccounts
    park_after: int

    def start_batch(self, bill_run_id: BillRunId, batch: str) -> list[Start]:
        """Start what the batch names; doing it again starts nothing more. Raises KeyError for an unknown batch.

        An account that cannot be started is reported and holds back no other. Where not one can be, it is no fault of
        theirs: the last error is raised.
        """
        selection = self.bill_runs.selection(bill_run_id)
        if selection is None:
            raise BillRunNotSelectedError(bill_run_id)
        starts: dict[InvoiceId, Start] = {}
        failures: dict[InvoiceId, Exception] = {}
        waiting: Sequence[BillingAccount] = self.bill_runs.batch(bill_run_id, batch)
        for _ in range(TRIES_OF_AN_ACCOUNT):
            failures.clear()
            for account in waiting:
                try:
                    starts[account.invoice_id] = self._start(account, selection)
                except Exception as error:  # whatever it is, it is no reason to bill nobody else
                    logger.warning("could not start %s", account.invoice_id, exc_info=error)
                    failures[account.invoice_id] = error
            waiting = [account for account in waiting if account.invoice_id in failures]
        if failures and not starts:
            raise failures[waiting[-1].invoice_id]
        self._report([_not_started(one, selection, failures[one.invoice_id], self.tenant) for one in waiting])
        return [*starts.values(), *(Start.FAILED for _ in failures)]

    def _start(self, account: BillingAccount, selection: BillRunSelection) -> Start:
        held = self.claims.read(account.invoice_id, account.revision)
        if held is None:
            return self._start_first(account, selection)
        if held.bill_run_id == selection.bill_run_id:
            self._start_again(held, account, selection, after=held)
            return Start.FIRST if held.attempt == 1 else Start.ANEW
        if self.executions.status(held) is ExecutionStatus.RUNNING:
            return Start.LEFT_RUNNING
        if self._parks(account, held, selection):
            return Start.PARKED
        claim = superseded(held, by=selection.bill_run_id)
        try:
            self.claims.take(claim)
        except ClaimTakenError:
            return Start.LEFT_RUNNING  # another bill run was faster and starts it
        self._start_again(claim, account, selection, after=held)
        return Start.ANEW

    def _start_first(self, account: BillingAccount, selection: BillRunSelection) -> Start:
        claim = first_claim(account, by=selection.bill_run_id)
        try:
            self.claims.take(claim)
        except ClaimTakenError:
            return Start.LEFT_RUNNING
        self.executions.start(claim, account, selection)
        return Start.FIRST

    def _start_again(
        self, claim: InvoiceClaim, account: BillingAccount, selection: BillRunSelection, *, after: InvoiceClaim
    ) -> None:
        """Start what was claimed before, by this bill run or an earlier one, and close what was told of that."""
        never_started = self.executions.status(after) is ExecutionStatus.UNKNOWN
        self.executions.start(claim, account, selection)
        if never_started:
            self._close(exception_id(ExceptionCode.INVOICE_NOT_STARTED, claim.invoice_id), claim, selection.as_of)
        if claim.attempt == 1:
            return
        before = replace(claim, attempt=claim.attempt - 1)
        if self.executions.status(before) is ExecutionStatus.FAILED:
            failure = exception_id(ExceptionCode.FAILED_EXECUTION, self.executions.name_of(before))
            self._close(failure, claim, selection.as_of)
        if self._parked_before(claim) is not None:
            self._close(exception_id(ExceptionCode.ACCOUNT_PARKED, claim.invoice_id), claim, selection.as_of)

    def _parks(self, account: BillingAccount, held: InvoiceClaim, selection: BillRunSelection) -> bool:
        """Park the account if it has failed too often; parked by this bill run before, it is parked again."""
        before = self._parked_before(held)
        if not is_parked(before, catalog_version=selection.catalog_version):
            if failed_in_a_row(held, before) < self.park_after:
                return False
            before = parked(account, claim=held, by=selection)
            self.parked.save(before)
        assert before is not None
        self._report([exception_of(before, failures=self.park_after, tenant=self.tenant)])
        return True

    def _parked_before(self, claim: InvoiceClaim) -> ParkedAccount | None:
        # With fewer attempts it can never have been parked: most accounts cost no read.
        return self.parked.read(claim.invoice_id) if claim.attempt >= self.park_after else None

    def _close(self, exception: ExceptionId, claim: InvoiceClaim, now: datetime) -> None:
        self.exceptions.resolve(exception, f"started anew by {claim.bill_run_id}", now)

    def _report(self, records: Sequence[ExceptionRecord]) -> None:
        if records:
            self.exceptions.report(records)


def _not_started(
    account: BillingAccount, selection: BillRunSelection, error: Exception, tenant: TenantId
) -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.INVOICE_NOT_STARTED, account.invoice_id),
        tenant=tenant,
        code=ExceptionCode.INVOICE_NOT_STARTED,
        subject=account.invoice_id,
        message=f"{selection.bill_run_id} could not start {account.invoice_id}: {type(error).__name__}",
        raised_at=selection.as_of,
        detail={
            "invoice_id": account.invoice_id,
            "customer": account.customer_id,
            "bill_run": selection.bill_run_id,
            "error": type(error).__name__,
        },
    )
