"""Rate a billing period into a draft. A draft that this bill run has stored counts for every repeat."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from functions.build_invoice.drafting import Drafter
from functions.build_invoice.member_bills import MemberBills
from shared.domain.identifiers import TenantId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId
from shared.domain.invoicing.consolidation import StoredBill, consolidated
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.issuing import exceptions_settled_by
from shared.domain.invoicing.kept_back import exceptions_about
from shared.ports.customer_usage import CustomerUsage
from shared.ports.exceptions import ExceptionReporter
from shared.ports.invoices import Invoices, StoredInvoice
from shared.ports.master_data import MasterData
from shared.ports.usage_holds import UsageHolds


class BuildStatus(StrEnum):
    """What invoice_lifecycle does next."""

    DRAFT = "draft"
    NOTHING_TO_BILL = "nothing_to_bill"
    ISSUED = "issued"  # by an execution that ended before the posting did
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    account: BillingAccount
    bill_run_id: BillRunId
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceBuilder:
    tenant: TenantId
    master_data: MasterData
    usage: CustomerUsage
    holds: UsageHolds
    invoices: Invoices
    exceptions: ExceptionReporter

    def build(self, request: BuildRequest) -> BuildStatus:
        """Store the draft and say how to go on. Raises AccountNotFoundError."""
        stored = self.invoices.read(request.account.invoice_id, request.account.revision)
        if stored is None or _is_to_be_drafted(stored.invoice, request):
            stored = self._drafted(request, stored)
        self._tell(stored, request)
        return _status(stored.invoice)

    def _drafted(self, request: BuildRequest, before: StoredInvoice | None) -> StoredInvoice:
        """Store the draft, after the bills of the contracts that are invoiced with it; these are told of by then."""
        drafter = Drafter(
            tenant=self.tenant,
            master_data=self.master_data,
            usage=self.usage,
            holds=self.holds,
            invoices=self.invoices,
        )
        own = drafter.draft(request.account, prepared_by=request.bill_run_id, before=before)
        bills = MemberBills(drafter=drafter).build(request.account, prepared_by=request.bill_run_id)
        for bill in bills:
            self._tell(bill, request)
        return drafter.store(consolidated(own, [StoredBill(one.invoice, one.version) for one in bills]), before)

    def _tell(self, stored: StoredInvoice, request: BuildRequest) -> None:
        if stored.invoice.prepared_by == request.bill_run_id:
            self.exceptions.report(exceptions_about(stored.invoice, raised_at=request.as_of))
        if _status(stored.invoice) is BuildStatus.NOTHING_TO_BILL:
            for exception in exceptions_settled_by(stored.invoice, stored.raised):
                self.exceptions.resolve(exception, "a later draft has nothing to bill", request.as_of)


def _is_to_be_drafted(invoice: Invoice, request: BuildRequest) -> bool:
    if invoice.prepared_by == request.bill_run_id:
        return False
    return _status(invoice) is BuildStatus.DRAFT


def _status(invoice: Invoice) -> BuildStatus:
    match invoice.state:
        case InvoiceState.NOTHING_TO_BILL:
            return BuildStatus.NOTHING_TO_BILL
        case InvoiceState.ISSUED:
            return BuildStatus.ISSUED
        case (
            InvoiceState.POSTED
            | InvoiceState.POSTING_FAILED
            | InvoiceState.CONSOLIDATED
            | InvoiceState.VOIDING
            | InvoiceState.VOIDED
        ):
            return BuildStatus.FINISHED
        case _:
            return BuildStatus.DRAFT
