"""Manifests of a contract's invoices (port RatedManifests), found by the customer's contracts and calendar."""

from shared.domain.identifiers import ContractId
from shared.domain.invoicing.billed_period import billed_periods
from shared.domain.invoicing.billing_calendar import adjusting_periods, billing_period_at
from shared.domain.invoicing.invoice import invoice_id
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.invoicing.left_over import read_for_credits
from shared.domain.metering.aggregate import WindowKey
from shared.domain.metering.reading import UsageManifest
from shared.domain.rating.charging import charging_contracts
from shared.domain.time_period import BillingPeriod
from shared.ports.invoices import Invoices
from shared.ports.master_data import MasterData


class InvoicedManifests:
    """Reads invoices by their business key, so that no index has to be kept with every invoice."""

    def __init__(self, *, invoices: Invoices, master_data: MasterData) -> None:
        self._invoices = invoices
        self._master_data = master_data

    def of_closed_billing(self, window: WindowKey) -> tuple[tuple[UsageManifest, ...], ...]:
        if self._master_data.version() is None:
            return ()
        account = self._master_data.account(window.customer_id)
        if account is None:
            return ()
        zone = account.customer.time_zone
        plans = self._master_data.plans({one.plan_id for each in account.contracts for one in each.subscriptions})
        charging = (
            (contract, billing_period_at(contract, window.window_start, zone))
            for contract in charging_contracts(window, account.contracts, plans)
        )
        read = (
            self._manifests(contract.contract_id, [period, *adjusting_periods(contract, period, zone)])
            for contract, period in charging
        )
        return tuple(manifests for manifests in read if manifests)

    def _manifests(self, contract_id: ContractId, periods: list[BillingPeriod]) -> tuple[UsageManifest, ...]:
        """Return what was read of the first of the periods; nothing if an invoice of one of them may still read it.

        What an invoice has left over for credit notes was read: another exception tells of it until it is credited.
        """
        ids = [invoice_id(contract_id, period) for period in periods]
        known = self._invoices.newest(ids)
        if any(one not in known or known[one].state not in BILLED_STATES for one in ids):
            return ()
        first, *_ = billed_periods([known[one] for one in ids])
        return (*first.manifests, *read_for_credits(ids[0], known.values()))
