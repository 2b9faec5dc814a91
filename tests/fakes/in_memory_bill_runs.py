"""Selections, batches, claims and executions of bill runs in memory."""

from collections.abc import Sequence

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId, BillRunSelection, InvoiceClaim
from shared.ports.bill_runs import ClaimTakenError
from shared.ports.invoice_executions import ExecutionInputDiffersError, ExecutionStatus


class InMemoryBillRuns:
    def __init__(self) -> None:
        self._selections: dict[BillRunId, BillRunSelection] = {}
        self._batches: dict[tuple[BillRunId, str], tuple[BillingAccount, ...]] = {}

    def selection(self, bill_run_id: BillRunId) -> BillRunSelection | None:
        return self._selections.get(bill_run_id)

    def add_batch(self, bill_run_id: BillRunId, accounts: Sequence[BillingAccount]) -> str:
        name = ",".join(f"{account.customer_id}:{account.invoice_id}" for account in accounts)
        self._batches[bill_run_id, name] = tuple(accounts)
        return name

    def batch(self, bill_run_id: BillRunId, name: str) -> tuple[BillingAccount, ...]:
        return self._batches[bill_run_id, name]

    def save_selection(self, selection: BillRunSelection) -> BillRunSelection:
        return self._selections.setdefault(selection.bill_run_id, selection)


class InMemoryInvoiceClaims:
    def __init__(self) -> None:
        self._claims: dict[tuple[InvoiceId, int], InvoiceClaim] = {}

    def read(self, invoice_id: InvoiceId, revision: int) -> InvoiceClaim | None:
        return self._claims.get((invoice_id, revision))

    def take(self, claim: InvoiceClaim) -> None:
        held = self._claims.get((claim.invoice_id, claim.revision))
        if held == claim:
            return
        if (held.attempt if held else 0) != claim.attempt - 1:
            raise ClaimTakenError(claim.invoice_id)
        self._claims[claim.invoice_id, claim.revision] = claim


class InMemoryInvoiceExecutions:
    """`started` keeps every execution by name; `end` says how one ended."""

    def __init__(self) -> None:
        self.started: dict[str, tuple[BillingAccount, BillRunSelection]] = {}
        self._statuses: dict[str, ExecutionStatus] = {}

    def name_of(self, claim: InvoiceClaim) -> str:
        return f"{claim.invoice_id}-{claim.revision}-{claim.attempt}"

    def status(self, claim: InvoiceClaim) -> ExecutionStatus:
        return self._statuses.get(self.name_of(claim), ExecutionStatus.UNKNOWN)

    def start(self, claim: InvoiceClaim, account: BillingAccount, selection: BillRunSelection) -> None:
        name = self.name_of(claim)
        if self.started.setdefault(name, (account, selection)) != (account, selection):
            raise ExecutionInputDiffersError(name)
        self._statuses.setdefault(name, ExecutionStatus.RUNNING)

    def end(self, name: str, status: ExecutionStatus) -> None:
        self._statuses[name] = status

    def end_all(self, status: ExecutionStatus) -> None:
        for name in self.started:
            self.end(name, status)
