"""Manifests of issued invoices (port RatedManifests), found by the customer's contracts and calendar."""

from datetime import datetime

from shared.domain.identifiers import CustomerId
from shared.domain.invoicing.draft import FIRST_REVISION
from shared.domain.invoicing.invoice import InvoiceState, invoice_id
from shared.domain.invoicing.issuing import ISSUED_STATES
from shared.domain.metering.reading import UsageManifest
from shared.domain.time_period import billing_period_containing
from shared.ports.invoices import Invoices
from shared.ports.master_data import MasterData

_READ_FOR_GOOD = ISSUED_STATES | {InvoiceState.NOTHING_TO_BILL}


class InvoicedManifests:
    """Reads invoices by their business key, so that no index has to be kept with every invoice."""

    def __init__(self, *, invoices: Invoices, master_data: MasterData) -> None:
        self._invoices = invoices
        self._master_data = master_data

    def manifests(self, customer_id: CustomerId, window_start: datetime) -> tuple[UsageManifest, ...]:
        if self._master_data.version() is None:
            return ()
        account = self._master_data.account(customer_id)
        if account is None:
            return ()
        billing_period = billing_period_containing(window_start, account.customer.time_zone)
        ids = [invoice_id(contract.contract_id, billing_period) for contract in account.contracts]
        invoices = self._invoices.read_many(ids, FIRST_REVISION)
        return tuple(invoices[one].manifest for one in ids if one in invoices and invoices[one].state in _READ_FOR_GOOD)
