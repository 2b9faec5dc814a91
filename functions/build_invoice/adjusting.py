"""Find what earlier invoices of a contract have not read of their periods, and rate those periods again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from functions.build_invoice.opening_levels import Openings
from shared.domain.identifiers import InvoiceId, PlanId, ProductId
from shared.domain.invoicing.adjustments import PeriodAdjustment, RatedTwice, adjustment
from shared.domain.invoicing.billed_period import BilledPeriod, billed_periods
from shared.domain.invoicing.billing_calendar import adjustable_periods
from shared.domain.invoicing.draft import FIRST_REVISION
from shared.domain.invoicing.invoice import AdjustedPeriod, Invoice, invoice_id
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.invoicing.kept_back import KeptBack, kept_back_by
from shared.domain.master_data.catalog import Contract, CustomerAccount, Plan, Product
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.carried import CarriedLevel
from shared.domain.metering.reading import LateUsage
from shared.domain.rating.contract import RatedContract, rate_contract
from shared.domain.time_period import BillingPeriod, Period
from shared.ports.customer_usage import CustomerUsage
from shared.ports.invoices import Invoices
from shared.ports.usage_holds import UsageHolds


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a contract is rated by, as one version of the master data has it."""

    account: CustomerAccount
    contract: Contract
    plans: Mapping[PlanId, Plan]
    products: Mapping[ProductId, Product]

    def rate(self, windows: Sequence[WindowUsage], period: Period, *, opening: Sequence[CarriedLevel]) -> RatedContract:
        return rate_contract(
            account=self.account,
            contract=self.contract,
            plans=self.plans,
            billing_period=period,
            windows=windows,
            opening=opening,
        )

    def for_usage(self) -> "Terms":
        """Return the same without fees, which usage does not change."""
        plans = {
            plan_id: replace(plan, charges=tuple(charge for charge in plan.charges if charge.meter is not None))
            for plan_id, plan in self.plans.items()
        }
        return replace(self, plans=plans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjuster:
    usage: CustomerUsage
    holds: UsageHolds
    invoices: Invoices

    def adjustments(
        self, terms: Terms, billing_period: BillingPeriod, before: Invoice | None, openings: Openings
    ) -> list[PeriodAdjustment | KeptBack]:
        """Return what the invoice of a billing period may take of earlier ones; `before` is its draft so far.

        A period changes with late usage of its own, and with a late level of an earlier one that carries into it.

        Only the first billing period that is not billed yet takes something. So there is one taker at a time, which
        sees all that earlier ones have taken, however many bill runs build invoices of the contract at once.
        """
        earlier = adjustable_periods(terms.contract, billing_period, terms.account.customer.time_zone)
        ids = [invoice_id(terms.contract.contract_id, period) for period in earlier]
        known = self.invoices.read_many(ids, FIRST_REVISION)
        if not earlier or any(one not in known or known[one].state not in BILLED_STATES for one in ids):
            return []
        periods = billed_periods([known[one] for one in ids])
        late = self._late(terms, periods)
        kept_back = _kept_back([*known.values(), *([before] if before else [])])
        return [
            self._adjustment(terms, period, opening, was_kept_back=period.own.invoice_id in kept_back)
            for period, opening in ((one, openings.get(one.own.billing_period.name, ())) for one in periods)
            if _is_beyond(period, late) or opening != period.manifests[-1].opening
        ]

    def _late(self, terms: Terms, periods: Sequence[BilledPeriod]) -> tuple[LateUsage, ...]:
        span = Period(periods[0].own.billing_period.start, periods[-1].own.billing_period.end)
        manifests = [manifest for period in periods for manifest in period.manifests]
        return self.usage.late(terms.contract.customer_id, terms.account.subjects, span, after=manifests)

    def _adjustment(
        self, terms: Terms, period: BilledPeriod, opening: Sequence[CarriedLevel], *, was_kept_back: bool
    ) -> PeriodAdjustment | KeptBack:
        own, customer_id = period.own, terms.contract.customer_id
        if reasons := self.holds.reasons(customer_id, own.billing_period.name):
            return KeptBack(own.invoice_id, f"its usage is held: {', '.join(reasons)}")
        span, usage_only = own.billing_period.period, terms.for_usage()
        billed = self.usage.read_again(customer_id, span, period.manifests)
        reading = self.usage.read(customer_id, terms.account.subjects, span, after=period.manifests)
        manifest = reading.manifest.opened_with(opening)
        return adjustment(
            period,
            AdjustedPeriod(invoice_id=own.invoice_id, manifest=manifest, was_kept_back=was_kept_back),
            RatedTwice(
                billed=usage_only.rate(billed, span, opening=period.manifests[-1].opening),
                final=usage_only.rate(reading.windows, span, opening=opening),
            ),
            products=terms.products,
            currency=terms.contract.currency,
        )


def _is_beyond(period: BilledPeriod, late: Iterable[LateUsage]) -> bool:
    inside = period.own.billing_period.period
    return any(one.usage.key.window_start in inside and not period.has_read(one.place) for one in late)


def _kept_back(invoices: Iterable[Invoice]) -> frozenset[InvoiceId]:
    return frozenset().union(*map(kept_back_by, invoices))
