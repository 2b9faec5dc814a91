"""Selections, batches, claims and executions of bill runs in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId, BillRunSelection, InvoiceClaim
from shared.domain.invoicing.bill_run_record import BillRunApproval, BillRunRecord
from shared.ports.bill_runs import ClaimTakenError
from shared.ports.invoice_executions import ExecutionInputDiffersError, ExecutionStatus


class InMemoryBillRuns:
    def __init__(self) -> None:
        self.selections: dict[BillRunId, BillRunSelection] = {}
        self._batches: dict[tuple[BillRunId, str], tuple[BillingAccount, ...]] = {}

    def selection(self, bill_run_id: BillRunId) -> BillRunSelection | None:
        return self.selections.get(bill_run_id)

    def add_batch(self, bill_run_id: BillRunId, accounts: Sequence[BillingAccount]) -> str:
        name = ",".join(f"{account.customer_id}:{account.invoice_id}" for account in accounts)
        self._batches[bill_run_id, name] = tuple(accounts)
        return name

    def batch(self, bill_run_id: BillRunId, name: str) -> tuple[BillingAccount, ...]:
        return self._batches[bill_run_id, name]

    def save_selection(self, selection: BillRunSelection) -> BillRunSelection:
        return self.selections.setdefault(selection.bill_run_id, selection)


class InMemoryBillRunRecords:
    def __init__(self, bill_runs: InMemoryBillRuns) -> None:
        self._bill_runs = bill_runs
        self._records: dict[BillRunId, BillRunRecord] = {}
        self._approvals: dict[BillRunId, BillRunApproval] = {}

    def newest(self, most: int) -> Iterator[BillRunId]:
        return iter(sorted(self._bill_runs.selections, reverse=True)[:most])

    def read(self, bill_run_id: BillRunId) -> BillRunRecord | None:
        return self._records.get(bill_run_id)

    def save(self, record: BillRunRecord) -> None:
        self._records[record.bill_run_id] = record

    def approval(self, bill_run_id: BillRunId) -> BillRunApproval | None:
        return self._approvals.get(bill_run_id)

    def approve(self, bill_run_id: BillRunId, approval: BillRunApproval) -> BillRunApproval:
        return self._approvals.setdefault(bill_run_id, approval)


class InMemoryInvoiceClaims:
    def __init__(self) -> None:
        self._claims: dict[tuple[InvoiceId, int], InvoiceClaim] = {}

    def read(self, invoice_id: InvoiceId, revision: int) -> InvoiceClaim | None:
        return self._claims.get((invoice_id, revision))

    def read_many(self, invoice_ids: Collection[InvoiceId], revision: int) -> Mapping[InvoiceId, InvoiceClaim]:
        return {one: self._claims[one, revision] for one in invoice_ids if (one, revision) in self._claims}

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
