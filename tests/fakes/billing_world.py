"""Billing on fakes: bill runs and invoice lifecycles walk through their functions as the state machines do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from functions.build_invoice.use_case import BuildRequest, BuildStatus, InvoiceBuilder
from functions.calculate_tax.use_case import calculate_tax
from functions.complete_invoice.use_case import complete_invoice
from functions.escalate_approvals.use_case import ApprovalEscalator
from functions.issue_invoice.use_case import InvoiceIssuer
from functions.record_approval.use_case import ApprovalRecorder
from functions.record_bill_runs.use_case import BillRunRecorder
from functions.request_approval.use_case import ApprovalRequester
from functions.select_billing_accounts.use_case import BillingAccountSelector
from functions.start_invoices.use_case import InvoiceStarter, Start
from functions.validate_invoice.use_case import InvoiceValidator, Verdict
from shared.domain.exception_record import ExceptionCode
from shared.domain.invoicing.bill_run import BillingAccount, BillRunSelection
from shared.domain.invoicing.invoice import ApprovalDecision, Invoice, InvoiceState
from shared.domain.master_data.catalog import Catalog
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.posting.compose import posting_id
from shared.domain.posting.decisions import refused
from shared.domain.posting.intent import IntentState
from shared.ports.invoice_executions import ExecutionStatus
from shared.ports.tax import TaxEngine
from tests.builders.billing import OCTOBER, SECOND_OF_NOVEMBER, TENANT, catalog, contract, published
from tests.fakes.fixed_customer_usage import FixedCustomerUsage
from tests.fakes.in_memory_approvals import (
    InMemoryApprovalCallbacks,
    InMemoryApprovalDecisions,
    InMemoryApprovalRequests,
)
from tests.fakes.in_memory_bill_runs import (
    InMemoryBillRunRecords,
    InMemoryBillRuns,
    InMemoryInvoiceClaims,
    InMemoryInvoiceExecutions,
)
from tests.fakes.in_memory_billing_accounts import InMemoryParkedAccounts
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_invoices import InMemoryInvoices
from tests.fakes.in_memory_mapping_findings import InMemoryMappingFindings
from tests.fakes.in_memory_tax_intents import InMemoryTaxRequests
from tests.fakes.in_memory_usage_holds import InMemoryUsageHolds
from tests.fakes.steady_clock import SteadyClock
from tests.fakes.tax_engines import PublishedTaxTable

ACCOUNT = BillingAccount(customer_id=contract().customer_id, contract_id=contract().contract_id, billing_period=OCTOBER)
TOKEN = "token"
PARK_AFTER = 7


class BillingWorld:
    """Acme's October, or whatever `account` says. `watch` may wrap every port, e.g. to die inside a call."""

    def __init__(self, *windows: WindowUsage, watch: Callable[[Any], Any] = lambda port: port) -> None:
        self.account = ACCOUNT
        self.clock = SteadyClock(SECOND_OF_NOVEMBER)
        self.usage = FixedCustomerUsage(*windows, sealed_through=OCTOBER.end)
        self.holds = InMemoryUsageHolds()
        self.findings = InMemoryMappingFindings()
        self.exceptions = InMemoryExceptionReporter()
        self.invoices = InMemoryInvoices()
        self.bill_runs = InMemoryBillRuns()
        self.records = InMemoryBillRunRecords(self.bill_runs)
        self.claims = InMemoryInvoiceClaims()
        self.executions = InMemoryInvoiceExecutions()
        self.progresses = self.invoices.progresses
        self.parked = InMemoryParkedAccounts()
        self.requests = InMemoryApprovalRequests()
        self.decisions = InMemoryApprovalDecisions()
        self.callbacks = InMemoryApprovalCallbacks()
        self.tax_engine: TaxEngine | None = None
        self.tax_requests = InMemoryTaxRequests()
        self._watch = watch
        self.publish(catalog())

    def publish(self, source: Catalog, version: str = "v1") -> None:
        self.master_data = published(source, version)

    def select(self, as_of: datetime = SECOND_OF_NOVEMBER) -> BillRunSelection:
        self.clock.instant = as_of
        watch = self._watch
        selector = BillingAccountSelector(
            master_data=self.master_data,
            usage=self.usage,
            invoices=watch(self.invoices),
            bill_runs=watch(self.bill_runs),
            progresses=watch(self.progresses),
            parked=watch(self.parked),
            intents=watch(self.invoices.intents),
        )
        return selector.select(as_of)

    def start(self, selection: BillRunSelection) -> list[Start]:
        watch = self._watch
        starter = InvoiceStarter(
            bill_runs=watch(self.bill_runs),
            claims=watch(self.claims),
            executions=watch(self.executions),
            exceptions=watch(self.exceptions),
            parked=watch(self.parked),
            tenant=TENANT,
            park_after=PARK_AFTER,
        )
        return [start for batch in selection.batches for start in starter.start_batch(selection.bill_run_id, batch)]

    def build(self, selection: BillRunSelection) -> BuildStatus:
        watch = self._watch
        builder = InvoiceBuilder(
            tenant=TENANT,
            master_data=self.master_data,
            usage=self.usage,
            holds=self.holds,
            invoices=watch(self.invoices),
            exceptions=watch(self.exceptions),
        )
        return builder.build(
            BuildRequest(account=self.account, bill_run_id=selection.bill_run_id, as_of=selection.as_of)
        )

    def tax(self) -> Invoice:
        return calculate_tax(
            self.account.invoice_id,
            self.account.revision,
            invoices=self._watch(self.invoices),
            master_data=self.master_data,
            engines=PublishedTaxTable(self.master_data, self.tax_engine),
        )

    def validate(self) -> Verdict:
        watch = self._watch
        validator = InvoiceValidator(
            invoices=watch(self.invoices),
            master_data=self.master_data,
            holds=self.holds,
            findings=self.findings,
            exceptions=watch(self.exceptions),
            clock=self.clock,
        )
        return validator.validate(self.account.invoice_id, self.account.revision)

    def request_approval(self, token: str = TOKEN) -> None:
        watch = self._watch
        requester = ApprovalRequester(
            invoices=watch(self.invoices),
            master_data=self.master_data,
            requests=watch(self.requests),
            callbacks=watch(self.callbacks),
            exceptions=watch(self.exceptions),
            clock=self.clock,
        )
        requester.request(self.account.invoice_id, self.account.revision, task_token=token)

    def decide(self, decision: ApprovalDecision) -> Invoice:
        watch = self._watch
        recorder = ApprovalRecorder(
            invoices=watch(self.invoices),
            requests=watch(self.requests),
            callbacks=watch(self.callbacks),
            exceptions=watch(self.exceptions),
            master_data=self.master_data,
        )
        return recorder.record(self.account.invoice_id, self.account.revision, decision)

    def escalate(self, now: datetime) -> int:
        self.clock.instant = now
        watch = self._watch
        escalator = ApprovalEscalator(
            invoices=watch(self.invoices), requests=watch(self.requests), exceptions=watch(self.exceptions)
        )
        return escalator.escalate_overdue(now)

    def issue(self) -> Invoice:
        watch = self._watch
        issuer = InvoiceIssuer(
            invoices=watch(self.invoices),
            master_data=self.master_data,
            exceptions=watch(self.exceptions),
            tax_requests=watch(self.tax_requests),
            clock=self.clock,
        )
        return issuer.issue(self.account.invoice_id, self.account.revision)

    def refuse_posting(self) -> None:
        """Have the ERP refuse the invoice's posting."""
        (intent,) = self.invoices.intents.chain(posting_id(self.account.invoice_id, self.account.revision))
        self.invoices.intents.settle(
            refused(intent, ExceptionCode.MAPPING_MISSING, "no account", now=SECOND_OF_NOVEMBER)
        )

    def complete(self, state: IntentState = IntentState.POSTED) -> Invoice:
        return complete_invoice(
            self.account.invoice_id,
            self.account.revision,
            posting_state=state,
            invoices=self._watch(self.invoices),
            intents=self._watch(self.invoices.intents),
        )

    def run(self, as_of: datetime = SECOND_OF_NOVEMBER) -> InvoiceState | None:
        """Run one bill run and acme's lifecycle as far as it goes without a decision; None if nothing was started."""
        selection = self.select(as_of)
        if Start.LEFT_RUNNING in (starts := self.start(selection)) or not starts:
            return None
        batches = (self.bill_runs.batch(selection.bill_run_id, batch) for batch in selection.batches)
        selected = {one.invoice_id: one for accounts in batches for one in accounts}
        self.account = selected.get(self.account.invoice_id, self.account)
        self._walk(selection)
        self.executions.end_all(ExecutionStatus.SUCCEEDED)
        return self.invoice.state

    @property
    def recorder(self) -> BillRunRecorder:
        watch = self._watch
        return BillRunRecorder(
            bill_runs=watch(self.bill_runs),
            records=watch(self.records),
            claims=watch(self.claims),
            invoices=watch(self.invoices),
            executions=watch(self.executions),
            parked=watch(self.parked),
            requests=watch(self.requests),
            decisions=watch(self.decisions),
            master_data=self.master_data,
            clock=self.clock,
        )

    @property
    def invoice(self) -> Invoice:
        stored = self.invoices.read(self.account.invoice_id, self.account.revision)
        assert stored is not None
        return stored.invoice

    def _walk(self, selection: BillRunSelection) -> None:
        if self.build(selection) is not BuildStatus.DRAFT:
            return
        self.tax()
        if self.validate() is Verdict.VALID:
            self.issue()
            self.complete()
