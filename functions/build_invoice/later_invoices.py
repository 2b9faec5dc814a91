"""Invoices of later billing periods. There are some where a period is billed anew, and what they have billed counts."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.billed_document import BilledDocument
from shared.domain.invoicing.billing_calendar import adjusting_periods
from shared.domain.invoicing.invoice import invoice_id
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.invoicing.revisions import FIRST_REVISION
from shared.domain.master_data.catalog import Contract
from shared.ports.invoices import Invoices


@dataclass(frozen=True, slots=True)
class Later:
    """Those of a contract that can have adjusted a billing period or one before it, and are billed for good.

    `voided` are such invoices that count no more, with those of the period itself.
    """

    billed: tuple[BilledDocument, ...] = ()
    voided: tuple[BilledDocument, ...] = ()


NOTHING_LATER = Later()


def later_invoices(due: BillingAccount, contract: Contract, zone: ZoneInfo, invoices: Invoices) -> Later:
    """Return them for a billing period that is billed anew; one billed for the first time comes before all of them."""
    if due.revision == FIRST_REVISION:
        return NOTHING_LATER
    periods = adjusting_periods(contract, due.billing_period, zone)
    ids = [due.invoice_id, *(invoice_id(contract.contract_id, one) for one in periods)]
    found = invoices.documents(ids)
    documents = [found[one] for one in ids if one in found]
    return Later(
        billed=tuple(one for one in documents if one.invoice.state in BILLED_STATES),
        voided=tuple(reversed_one for one in documents for reversed_one in one.reversed),
    )
