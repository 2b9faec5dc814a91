"""Build the bills of the contracts that are invoiced with the one whose invoice is built."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from functions.build_invoice.drafting import AccountNotFoundError, Drafter
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId
from shared.domain.invoicing.billing_calendar import has_billing_period
from shared.domain.invoicing.invoice import Invoice, InvoiceRevision, InvoiceState
from shared.domain.invoicing.revisions import revision_to_bill
from shared.ports.invoices import StoredInvoice


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberBills:
    drafter: Drafter

    def build(self, lead: BillingAccount, *, prepared_by: BillRunId) -> tuple[StoredInvoice, ...]:
        """Store the bills that the lead's invoice is to have, and return them with those that have nothing to bill.

        What this bill run has stored before counts. Left out is what was billed before the contracts were invoiced
        together, and what is on its way to an invoice of its own.
        """
        due = list(self._due(lead))
        newest = self.drafter.invoices.newest([one.invoice_id for one in due]) if due else {}
        return tuple(
            self._bill(replace(one, revision=revision_to_bill(known)), lead, prepared_by)
            for one in due
            if (known := newest.get(one.invoice_id)) is None or _may_be_taken(known, prepared_by)
        )

    def _bill(self, due: BillingAccount, lead: BillingAccount, prepared_by: BillRunId) -> StoredInvoice:
        stored = self.drafter.invoices.read(due.invoice_id, due.revision)
        if stored is not None and stored.invoice.prepared_by == prepared_by:
            return stored
        draft = self.drafter.draft(due, prepared_by=prepared_by, before=stored)
        on = InvoiceRevision(lead.invoice_id, lead.revision)
        return self.drafter.store(replace(draft, consolidated_on=on), stored)

    def _due(self, lead: BillingAccount) -> Iterator[BillingAccount]:
        """Yield the members that have the billing period of the lead, in the order of the catalogue."""
        master_data = self.drafter.master_data
        account = master_data.account(lead.customer_id)
        members = [one for one in account.members if one.lead == lead.contract_id] if account else []
        accounts = master_data.accounts({one.customer_id for one in members}) if members else {}
        for member in members:
            of = accounts.get(member.customer_id)
            contracts = {one.contract_id: one for one in of.contracts} if of else {}
            if of is None or member.contract_id not in contracts:
                raise AccountNotFoundError(member.contract_id)
            if has_billing_period(contracts[member.contract_id], lead.billing_period, of.customer.time_zone):
                yield BillingAccount(
                    customer_id=member.customer_id,
                    contract_id=member.contract_id,
                    billing_period=lead.billing_period,
                )


def _may_be_taken(newest: Invoice, bill_run_id: BillRunId) -> bool:
    """Whether the bill is this invoice's: what was begun as an invoice of its own goes on so, and is billed anew so."""
    is_to_be_billed = newest.state in {InvoiceState.DRAFT, InvoiceState.VOIDED}
    return newest.consolidated_on is not None and (is_to_be_billed or newest.prepared_by == bill_run_id)
