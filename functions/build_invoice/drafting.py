"""Draft what one contract owes for one billing period, by whatever invoice it is asked for."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from functions.build_invoice.adjusting import Adjuster, Terms
from functions.build_invoice.fees_in_advance import FeesInAdvance
from functions.build_invoice.later_invoices import later_invoices
from functions.build_invoice.opening_levels import OpeningLevels
from shared.domain.identifiers import TenantId
from shared.domain.invoicing.adjustments import OwnLines
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId
from shared.domain.invoicing.billing_calendar import billing_period_after
from shared.domain.invoicing.draft import DraftOrigin, draft_invoice
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.rebilling import rebilled
from shared.domain.invoicing.states import InvoiceTrigger, next_state
from shared.domain.invoicing.validation import lines_that_fit
from shared.domain.rating.settlement import carried_since
from shared.domain.time_period import month_names
from shared.ports.customer_usage import CustomerUsage
from shared.ports.invoices import InvoiceChangedError, Invoices, StoredInvoice
from shared.ports.master_data import MasterData
from shared.ports.usage_holds import UsageHolds


class AccountNotFoundError(LookupError):
    """The published master data does not know a customer, contract, plan or legal entity that the bill run selected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafter:
    tenant: TenantId
    master_data: MasterData
    usage: CustomerUsage
    holds: UsageHolds
    invoices: Invoices

    def draft(self, due: BillingAccount, *, prepared_by: BillRunId, before: StoredInvoice | None) -> Invoice:
        """Return the draft; `before` is what is stored of it so far. Raises AccountNotFoundError."""
        voids_known = self.invoices.voids(due.contract_id)  # before anything that a void changes
        version = self.master_data.version()
        account = self.master_data.account(due.customer_id)
        if version is None or account is None:
            raise AccountNotFoundError(due.customer_id)
        contract = next((one for one in account.contracts if one.contract_id == due.contract_id), None)
        if contract is None:
            raise AccountNotFoundError(due.contract_id)
        entity = self.master_data.legal_entity(contract.legal_entity_id)
        if entity is None:
            raise AccountNotFoundError(contract.legal_entity_id)
        plan_ids = {subscription.plan_id for one in account.contracts for subscription in one.subscriptions}
        plans, products = self.master_data.plans(plan_ids), self.master_data.products()
        terms = Terms(account=account, contract=contract, plans=plans, products=products)
        reading = self.usage.read(due.customer_id, account.subjects, due.billing_period.period)
        openings = OpeningLevels(usage=self.usage, invoices=self.invoices).openings(
            account, contract, plans, self.master_data.meters(), due.billing_period
        )
        opening = openings.get(due.billing_period.name, ())
        adjuster = Adjuster(usage=self.usage, holds=self.holds, invoices=self.invoices)
        later = later_invoices(due, contract, account.customer.time_zone, self.invoices)
        earlier = adjuster.look_back(terms, due.billing_period, before.invoice if before else None, openings, later)
        span = due.billing_period.period
        ahead = billing_period_after(contract, due.billing_period, account.customer.time_zone)
        rated, set_right = FeesInAdvance(invoices=self.invoices).set_right(
            terms, terms.rate(reading.windows, span, opening=opening, ahead=ahead.period), due.billing_period, later
        )
        taking = terms.settled_by.lines(rated, span, carried=earlier.carried)
        is_the_same = earlier.billed == earlier.carried  # always, without commitment, credit and balance
        own = OwnLines(
            taking=taking,
            without=taking if is_the_same else terms.settled_by.lines(rated, span, carried=earlier.billed),
            together=carried_since(contract) is not None,
            most=lines_that_fit(entity.erp),
        )
        manifest = reading.manifest.opened_with(opening)
        anew = rebilled(due.invoice_id, own, later.billed, voided=later.voided, manifest=manifest)
        draft = draft_invoice(
            contract=contract,
            billing_period=due.billing_period,
            own=anew.own,
            issues=(*rated.issues, *earlier.issues),
            origin=DraftOrigin(
                tenant=self.tenant,
                manifest=manifest,
                catalog_version=version,
                prepared_by=prepared_by,
                voids_known=voids_known,
            ),
            earlier=earlier.found,
            revision=due.revision,
            rebilled=anew.adjusted,
            set_right=set_right,
        )
        return self._unless_held(draft, account.customer.time_zone)

    def _unless_held(self, draft: Invoice, zone: ZoneInfo) -> Invoice:
        """Return the draft; as long as its usage is in doubt, nothing to bill is no result but goes to validation."""
        if draft.state is InvoiceState.NOTHING_TO_BILL and self.holds.reasons(
            draft.customer_id, *month_names(draft.billing_period.period, zone)
        ):
            return replace(draft, state=InvoiceState.DRAFT)
        return draft

    def store(self, draft: Invoice, before: StoredInvoice | None) -> StoredInvoice:
        """Store a draft in place of what was stored `before`, and return what is stored then."""
        fresh = StoredInvoice(invoice=draft, version=1)
        if before is not None:
            next_state(before.invoice.state, InvoiceTrigger.REDRAFT)
            fresh = replace(fresh, version=before.version + 1, raised=before.raised)
        try:
            self.invoices.save(fresh)
        except InvoiceChangedError:
            stored = self.invoices.read(draft.invoice_id, draft.revision)
            if stored is None or stored.invoice.prepared_by != draft.prepared_by:
                raise
            return stored  # our own earlier write, or that of a twin: what is stored counts
        return fresh
