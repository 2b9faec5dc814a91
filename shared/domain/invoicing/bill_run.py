"""A bill run: which billing periods of which contracts are due, and under which claim each is invoiced."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import NewType

from shared.domain.identifiers import CatalogVersion, ContractId, CustomerId, InvoiceId, TenantId
from shared.domain.invoicing.billing_calendar import billing_periods
from shared.domain.invoicing.invoice import Invoice, InvoiceState, invoice_id
from shared.domain.invoicing.revisions import FIRST_REVISION
from shared.domain.master_data.catalog import CustomerAccount
from shared.domain.time_period import BillingPeriod, format_instant

BillRunId = NewType("BillRunId", str)

NO_CATALOG = CatalogVersion("")
# No bill run has anything more to do with an invoice in one of these.
FINISHED_STATES = frozenset(
    {
        InvoiceState.NOTHING_TO_BILL,
        InvoiceState.POSTED,
        InvoiceState.POSTING_FAILED,
        InvoiceState.CONSOLIDATED,
    }
)
_LONGEST_READABLE_NAME = 40  # of the 80 characters that Step Functions takes


def bill_run_id(scheduled_time: datetime) -> BillRunId:
    """Name a bill run by its scheduled time, so that a second start of it is the same bill run."""
    return BillRunId(f"bill-run-{format_instant(scheduled_time)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingAccount:
    """One contract's billing period that is due, with the revision of its invoice to bill it by."""

    customer_id: CustomerId
    contract_id: ContractId
    billing_period: BillingPeriod
    revision: int = FIRST_REVISION

    @property
    def invoice_id(self) -> InvoiceId:
        return invoice_id(self.contract_id, self.billing_period)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRunSelection:
    """What a bill run will do, fixed when it starts. `batches` names stored lists of accounts.

    `periods` are the calendar months whose usage is verified first. `waiting_for` says what keeps ended billing periods
    from being billed, `parked` how many accounts are left out because bill runs before have failed on them.
    `catalog_version` is empty before a catalogue is published.
    """

    bill_run_id: BillRunId
    as_of: datetime
    waiting_for: tuple[str, ...]
    periods: tuple[BillingPeriod, ...]
    batches: tuple[str, ...]
    catalog_version: CatalogVersion = NO_CATALOG
    parked: int = 0


def ended_billing_periods(account: CustomerAccount, *, as_of: datetime) -> Iterator[BillingAccount]:
    """Yield every billing period of the account's contracts that has ended, oldest first by contract."""
    for contract in account.contracts:
        periods = billing_periods(contract, account.customer.time_zone)
        for billing_period in takewhile(lambda period: period.end <= as_of, periods):
            yield BillingAccount(
                customer_id=contract.customer_id, contract_id=contract.contract_id, billing_period=billing_period
            )


def is_due(invoice: Invoice | None, *, catalog_version: CatalogVersion) -> bool:
    """Whether a bill run takes a billing period on, given the newest revision of its invoice.

    What ended INVALID is drafted anew every time: the cause may be gone. What the approver has rejected is drafted
    anew once the master data has changed. What has not ended is taken on too: if its execution still runs, it stays.
    What is voided is billed anew as soon as its reversal is in the ERP's ledger.
    """
    if invoice is None:
        return True
    if invoice.state is InvoiceState.VOIDING:
        return False
    if invoice.state is InvoiceState.REJECTED:
        return invoice.catalog_version != catalog_version
    return invoice.state not in FINISHED_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceClaim:
    """Who works on an invoice's revision: one bill run at a time, each with an attempt of its own. Never expires."""

    invoice_id: InvoiceId
    revision: int
    attempt: int
    bill_run_id: BillRunId


def first_claim(account: BillingAccount, *, by: BillRunId) -> InvoiceClaim:
    return InvoiceClaim(invoice_id=account.invoice_id, revision=account.revision, attempt=1, bill_run_id=by)


def superseded(claim: InvoiceClaim, *, by: BillRunId) -> InvoiceClaim:
    return replace(claim, attempt=claim.attempt + 1, bill_run_id=by)


def execution_name(claim: InvoiceClaim, *, tenant: TenantId) -> str:
    """Return the name of the claim's execution: readable first, unique by its hash, at most 80 legal characters."""
    identity = f"{tenant}\x00{claim.invoice_id}\x00{claim.revision}\x00{claim.attempt}"
    digest = hashlib.sha256(identity.encode()).hexdigest()[:24]
    readable = re.sub(r"[^A-Za-z0-9-]+", "-", claim.invoice_id)[-_LONGEST_READABLE_NAME:]
    return f"{readable}-{claim.attempt}-{digest}"
