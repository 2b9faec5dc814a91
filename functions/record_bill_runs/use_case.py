"""Work out what became of bill runs and keep it. Approving one approves what waits for that person in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.approval import asked_of, may_decide
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId, BillRunSelection, InvoiceClaim
from shared.domain.invoicing.bill_run_record import (
    UNKNOWN_YET,
    AccountFacts,
    BillRunApproval,
    BillRunEnd,
    BillRunRecord,
    end_of,
    faults_of,
    record_of,
)
from shared.domain.invoicing.invoice import ApprovalDecision, Invoice
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.invoicing.parking import ParkedAccount
from shared.ports.approvals import ApprovalDecisions, ApprovalRequests
from shared.ports.bill_runs import BillRunRecords, BillRuns, InvoiceClaims
from shared.ports.clock import Clock
from shared.ports.invoice_executions import ExecutionStatus, InvoiceExecutions
from shared.ports.invoices import Invoices
from shared.ports.master_data import MasterData
from shared.ports.parked_accounts import ParkedAccounts

RUNS_LOOKED_AT = 40  # daily ones: an approval is waited for 30 days at most, a posting too


class BillRunNotFoundError(LookupError):
    """There is no bill run of this name."""


class ApprovalRefusedError(Exception):
    """The bill run cannot be approved, or not by this person: the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRunRecorder:
    bill_runs: BillRuns
    records: BillRunRecords
    claims: InvoiceClaims
    invoices: Invoices
    executions: InvoiceExecutions
    parked: ParkedAccounts
    requests: ApprovalRequests
    decisions: ApprovalDecisions
    master_data: MasterData
    clock: Clock

    def record_unsettled(self) -> tuple[BillRunId, ...]:
        """Record the newest bill runs that are not settled, and return their names."""
        unsettled = []
        for bill_run_id in self.records.newest(RUNS_LOOKED_AT):
            known = self.records.read(bill_run_id)
            if known is None or not known.is_settled:
                self.record(bill_run_id)
                unsettled.append(bill_run_id)
        return tuple(unsettled)

    def newest(self) -> BillRunId:
        """Return the name of the newest bill run. Raises BillRunNotFoundError."""
        for bill_run_id in self.records.newest(1):
            return bill_run_id
        raise BillRunNotFoundError("there is no bill run yet")

    def record(self, bill_run_id: BillRunId) -> BillRunRecord:
        """Return what became of the bill run by now. Raises BillRunNotFoundError."""
        selection = self._selection(bill_run_id)
        approval = self.records.approval(bill_run_id)
        record = record_of(selection, self._facts(selection), recorded_at=self.clock.now(), approval=approval)
        self.records.save(record)
        return record

    def approve(self, bill_run_id: BillRunId, *, by: str) -> BillRunRecord:
        """Keep the approval, then decide every invoice of the bill run that waits for this person.

        Approving it again sends the decisions again, which changes nothing. Raises BillRunNotFoundError, and
        ApprovalRefusedError unless the record ties, every account is at an end or waits for somebody, and the catalogue
        names the person as an approver of a legal entity in it.
        """
        self._require_approvable(self.record(bill_run_id), by)
        approval = self.records.approve(bill_run_id, BillRunApproval(approved_by=by, approved_at=self.clock.now()))
        if approval.approved_by != by:
            raise ApprovalRefusedError(f"{bill_run_id} was approved by {approval.approved_by} before")
        decision = ApprovalDecision(
            approved=True, decided_by=by, decided_at=approval.approved_at, reason=f"approved with {bill_run_id}"
        )
        for facts in self._facts(self._selection(bill_run_id)):
            if end_of(facts, bill_run_id=bill_run_id) is BillRunEnd.AWAITING_APPROVAL and facts.invoice is not None:
                self._decide(facts.invoice, decision)
        return self.record(bill_run_id)

    def _require_approvable(self, record: BillRunRecord, by: str) -> None:
        if faults := faults_of(record):
            raise ApprovalRefusedError(f"{record.bill_run_id} does not tie: {'; '.join(faults)}")
        if under_way := record.count(*UNKNOWN_YET):
            raise ApprovalRefusedError(f"{under_way} accounts of {record.bill_run_id} are not started or under way")
        self.master_data.version()
        entities = [self.master_data.legal_entity(one) for one in record.legal_entities]
        approvers = {name for one in entities if one and one.approval for name in one.approval.approvers}
        if by not in approvers:
            raise ApprovalRefusedError(f"the catalogue names {by} as approver of no legal entity in the bill run")

    def _decide(self, invoice: Invoice, decision: ApprovalDecision) -> None:
        """Send the decision if the request is to this person; whoever records it checks it again."""
        request = self.requests.read(invoice.invoice_id, invoice.revision)
        entity = self.master_data.legal_entity(invoice.legal_entity_id)
        if request is not None and may_decide(decision, asked_of(entity.approval if entity else None, request)):
            self.decisions.send(invoice.invoice_id, invoice.revision, decision)

    def _selection(self, bill_run_id: BillRunId) -> BillRunSelection:
        selection = self.bill_runs.selection(bill_run_id)
        if selection is None:
            raise BillRunNotFoundError(f"there is no bill run {bill_run_id}")
        return selection

    def _facts(self, selection: BillRunSelection) -> Iterator[AccountFacts]:
        """Yield what is stored about each account, batch by batch: a bill run need not fit into memory."""
        parked: dict[InvoiceId, ParkedAccount] = {one.invoice_id: one for one in self.parked.every()}
        for batch in selection.batches:
            accounts = sorted(self.bill_runs.batch(selection.bill_run_id, batch), key=_revision)
            for revision, some in groupby(accounts, key=_revision):
                yield from self._facts_of(list(some), revision, parked, selection.bill_run_id)

    def _facts_of(
        self,
        accounts: Sequence[BillingAccount],
        revision: int,
        parked: Mapping[InvoiceId, ParkedAccount],
        bill_run_id: BillRunId,
    ) -> Iterator[AccountFacts]:
        names = [account.invoice_id for account in accounts]
        invoices, claims = self.invoices.read_many(names, revision), self.claims.read_many(names, revision)
        for account in accounts:
            name = account.invoice_id
            invoice, claim = invoices.get(name), claims.get(name)
            yield AccountFacts(
                account=account,
                invoice=invoice,
                claim=claim,
                parked=parked.get(name),
                execution_failed=self._has_failed(invoice, claim, bill_run_id),
            )

    def _has_failed(self, invoice: Invoice | None, claim: InvoiceClaim | None, bill_run_id: BillRunId) -> bool:
        """Ask for the execution of what this bill run has not brought to an end: few, once the run is over."""
        if claim is None or claim.bill_run_id != bill_run_id:
            return False
        if invoice is not None and invoice.prepared_by == bill_run_id and invoice.state in BILLED_STATES:
            return False
        return self.executions.status(claim) is ExecutionStatus.FAILED


def _revision(account: BillingAccount) -> int:
    return account.revision
