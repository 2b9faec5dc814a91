"""Usage that is known, rated and settled by a catalogue as the code that makes invoices does, without any invoice.

Fees in advance are those of the billing period itself, whichever invoice bills them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import takewhile
from zoneinfo import ZoneInfo

from shared.domain.identifiers import ContractId, CustomerId
from shared.domain.invoicing.billing_calendar import billing_periods, billing_periods_before
from shared.domain.invoicing.invoice import InvoiceLine
from shared.domain.invoicing.settling import NOTHING_CARRIED, SettledBy
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Catalog, Contract, CustomerAccount
from shared.domain.master_data.subjects import accounts_of
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.carried import closing_levels
from shared.domain.rating.contract import rate_contract
from shared.domain.rating.settlement import Carried, carried_since
from shared.domain.time_period import BillingPeriod, local_days

_MONTHS_A_YEAR = 12


def by_customer(windows: Iterable[WindowUsage]) -> Mapping[CustomerId, Sequence[WindowUsage]]:
    usage: dict[CustomerId, list[WindowUsage]] = {}
    for window in windows:
        usage.setdefault(window.key.customer_id, []).append(window)
    return usage


@dataclass(frozen=True, slots=True)
class RatedPeriod:
    lines: tuple[InvoiceLine, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class PricedUsage:
    """Usage as one catalogue prices it."""

    catalog: Catalog
    usage: Mapping[CustomerId, Sequence[WindowUsage]]

    @cached_property
    def contracts(self) -> Mapping[ContractId, Contract]:
        return {one.contract_id: one for one in self.catalog.contracts}

    @cached_property
    def accounts(self) -> Mapping[CustomerId, CustomerAccount]:
        return {one.customer.customer_id: one for one in accounts_of(self.catalog)}

    def zone(self, contract: Contract) -> ZoneInfo:
        return self.accounts[contract.customer_id].customer.time_zone

    def period_ending_in(self, contract: Contract, month: date) -> BillingPeriod | None:
        zone = self.zone(contract)
        begun = takewhile(lambda one: local_days(one.period, zone)[0] < _after(month), billing_periods(contract, zone))
        return next((one for one in begun if month <= local_days(one.period, zone)[1] < _after(month)), None)

    def lines_before(self, contract_id: ContractId, period: BillingPeriod) -> list[tuple[InvoiceLine, ...]]:
        """Return the lines of each earlier billing period that this one may depend on, oldest first."""
        contract = self.contracts[contract_id]
        since = carried_since(contract)
        if since is None:
            return []
        zone = self.zone(contract)
        before: list[tuple[InvoiceLine, ...]] = []
        for earlier in billing_periods_before(contract, period, zone, since):
            before.append(self.rated(contract_id, earlier, before).lines)
        return before

    def rated(
        self, contract_id: ContractId, period: BillingPeriod, before: Iterable[tuple[InvoiceLine, ...]]
    ) -> RatedPeriod:
        """Rate and settle a billing period, after the lines of those before it; nothing where there is no contract."""
        contract = self.contracts.get(contract_id)
        if contract is None:
            return RatedPeriod()
        account = self.accounts[contract.customer_id]
        windows = self.usage.get(contract.customer_id, ())
        rated = rate_contract(
            account=account,
            contract=contract,
            plans={plan.plan_id: plan for plan in self.catalog.plans},
            billing_period=period.period,
            windows=[one for one in windows if one.key.window_start in period.period],
            opening=closing_levels((), [one for one in windows if one.key.window_start < period.start]),
        )
        products = {product.product_id: product for product in self.catalog.products}
        settled_by = SettledBy(contract=contract, products=products, zone=account.customer.time_zone)
        carried: Carried = NOTHING_CARRIED
        for lines in before:
            carried = settled_by.carry(carried, lines)
        own = replace(rated, charges=(*rated.in_advance, *rated.charges))
        return RatedPeriod(settled_by.lines(own, period.period, carried=carried), rated.issues)


def _after(month: date) -> date:
    return date(month.year + month.month // _MONTHS_A_YEAR, month.month % _MONTHS_A_YEAR + 1, 1)
