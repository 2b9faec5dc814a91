"""Find the levels that billing periods open with: what was reported before and still holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from typing import TypeAlias

from shared.domain.identifiers import MeterCode, PlanId
from shared.domain.invoicing.billing_calendar import most_periods_adjusted
from shared.domain.invoicing.invoice import Invoice, invoice_id
from shared.domain.invoicing.rated_before import rated_order
from shared.domain.master_data.catalog import Contract, CustomerAccount, Plan
from shared.domain.metering.carried import CarriedLevel, closing_levels
from shared.domain.metering.meter import LEVELS, Meter
from shared.domain.subscriptions.anniversary import CALENDAR_MONTHS
from shared.domain.time_period import BillingPeriod, billing_period_containing
from shared.ports.customer_usage import CustomerUsage
from shared.ports.invoices import Invoices

Openings: TypeAlias = Mapping[str, tuple[CarriedLevel, ...]]  # by name of the billing period

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningLevels:
    """Reads the periods before, oldest first, each opening with what the one before closes with.

    As far back as invoices adjust, nothing but the ledger is believed, so that a level that came late carries on from
    where it belongs. What the oldest of these periods opens with is what invoices have read of it last: one that came
    late has carried into it by an adjustment. Levels are those of the customer; they end with a month in which it has
    no contract. A contract that is billed by other periods than calendar months charges none: the catalogue is checked.
    """

    usage: CustomerUsage
    invoices: Invoices

    def openings(
        self,
        account: CustomerAccount,
        contract: Contract,
        plans: Mapping[PlanId, Plan],
        meters: Mapping[MeterCode, Meter],
        billing_period: BillingPeriod,
    ) -> Openings:
        """Return what the period opens with, and those before it that may be adjusted; nothing without any levels."""
        measured = {charge.meter for plan in plans.values() for charge in plan.charges}
        if contract.billing != CALENDAR_MONTHS:
            return {}
        if not any(meter.aggregation in LEVELS for meter in meters.values() if meter.code in measured):
            return {}
        months, opening = self._months(account, billing_period)
        openings: dict[str, tuple[CarriedLevel, ...]] = {}
        for month in months:
            openings[month.name] = opening
            if month != billing_period:
                manifests = [invoice.manifest for invoice in self._invoices_of(account, [month])]
                customer_id = account.customer.customer_id
                reading = self.usage.read(customer_id, account.subjects, month.period, after=manifests)
                opening = closing_levels(opening, reading.windows)
        return openings

    def _months(
        self, account: CustomerAccount, billing_period: BillingPeriod
    ) -> tuple[list[BillingPeriod], tuple[CarriedLevel, ...]]:
        """Return the months to read, oldest first and the billing period last, and what the first one opens with."""
        months = [billing_period]
        for month in _months_before(account, billing_period):
            months.insert(0, month)
            if len(months) > most_periods_adjusted() and (own := self._invoices_of(account, [month])):
                return months, _opening_read_last(own, self._invoices_of(account, months))
        return months, ()

    def _invoices_of(self, account: CustomerAccount, months: Iterable[BillingPeriod]) -> list[Invoice]:
        """Return what exists of the invoices of all contracts billed by months, in the order of the months."""
        by_months = [contract for contract in account.contracts if contract.billing == CALENDAR_MONTHS]
        ids = [invoice_id(contract.contract_id, month) for month in months for contract in by_months]
        known = self.invoices.newest(ids)
        return [known[one] for one in ids if one in known]


def _opening_read_last(own: Sequence[Invoice], since: Iterable[Invoice]) -> tuple[CarriedLevel, ...]:
    """Return what a month was last rated to open with, by its own invoices and by those `since` then, oldest first."""
    ids = {invoice.invoice_id for invoice in own}
    again = (
        (rated_order(invoice), adjusted.manifest)
        for invoice in since
        for adjusted in invoice.adjusted
        if adjusted.invoice_id in ids
    )
    read = [(rated_order(own[0]), own[0].manifest), *again]
    *_, (_, last) = sorted(read, key=itemgetter(0))
    return last.opening


def _months_before(account: CustomerAccount, month: BillingPeriod) -> Iterator[BillingPeriod]:
    """Yield the months before, the last one first, as long as the customer has a contract in each."""
    while True:
        month = billing_period_containing(month.start - _INSTANT, account.customer.time_zone)
        if not any(contract.active.overlaps(month.period) for contract in account.contracts):
            return
        yield month
