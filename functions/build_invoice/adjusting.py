"""Find what earlier invoices of a contract have not read of their periods, and rate those periods again."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.build_invoice.later_invoices import NOTHING_LATER, Later
from functions.build_invoice.opening_levels import Openings
from shared.domain.identifiers import InvoiceId, PlanId, ProductId
from shared.domain.invoicing.adjustments import RatedTwice, adjustment
from shared.domain.invoicing.billed_period import BilledPeriod, corrected_periods
from shared.domain.invoicing.billing_calendar import adjustable_periods, billing_periods_before
from shared.domain.invoicing.invoice import AdjustedPeriod, Invoice, PeriodAdjustment, invoice_id
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.invoicing.kept_back import KeptBack, Told
from shared.domain.invoicing.settling import NOTHING_CARRIED, SettledBy
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.catalog import Charge, Contract, CustomerAccount, Plan, Product
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.carried import CarriedLevel
from shared.domain.metering.reading import LateUsage
from shared.domain.rating.contract import RatedContract, RatingIssueCode, rate_contract
from shared.domain.rating.settlement import Carried, carried_since
from shared.domain.time_period import BillingPeriod, Period, month_names
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

    def rate(
        self,
        windows: Sequence[WindowUsage],
        period: Period,
        *,
        opening: Sequence[CarriedLevel],
        ahead: Period | None = None,
    ) -> RatedContract:
        return rate_contract(
            account=self.account,
            contract=self.contract,
            plans=self.plans,
            billing_period=period,
            windows=windows,
            opening=opening,
            ahead=ahead,
        )

    @property
    def settled_by(self) -> SettledBy:
        return SettledBy(contract=self.contract, products=self.products, zone=self.account.customer.time_zone)

    def for_usage(self) -> "Terms":
        """Return the same without fees, which usage does not change."""
        return self._only(lambda charge: charge.meter is not None)

    def for_fees(self) -> "Terms":
        """Return the same without usage, which changes no fee."""
        return self._only(lambda charge: charge.meter is None)

    def _only(self, kept: Callable[[Charge], bool]) -> "Terms":
        plans = {
            plan_id: replace(plan, charges=tuple(charge for charge in plan.charges if kept(charge)))
            for plan_id, plan in self.plans.items()
        }
        return replace(self, plans=plans)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPeriods:
    """What the invoice of a billing period may take of earlier ones, and what these leave to it.

    `carried` is what they leave once all of it is taken, `billed` what they have left so far.
    """

    found: tuple[PeriodAdjustment | KeptBack, ...] = ()
    carried: Carried = field(default_factory=lambda: NOTHING_CARRIED)
    billed: Carried = field(default_factory=lambda: NOTHING_CARRIED)
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjuster:
    usage: CustomerUsage
    holds: UsageHolds
    invoices: Invoices

    def look_back(
        self,
        terms: Terms,
        billing_period: BillingPeriod,
        before: Invoice | None,
        openings: Openings,
        later: Later = NOTHING_LATER,
    ) -> EarlierPeriods:
        """Return what earlier billing periods leave to this one; `before` is the draft of its invoice so far.

        `later` are the invoices of later billing periods: where this one is billed anew, they may have adjusted the
        earlier ones.

        A period changes with late usage of its own, with a late level of an earlier one that carries into it, with what
        an earlier one leaves of a commitment or a credit, and with a credit note that corrects it. So they are gone
        through from the oldest one on. What is as it was billed by now, and was kept back, is taken as it is: nothing
        of it is due any more.

        Only the first billing period that is not billed yet takes something. So there is one taker at a time, which
        sees all that earlier ones have taken, however many bill runs build invoices of the contract at once.
        """
        zone = terms.account.customer.time_zone
        adjustable = adjustable_periods(terms.contract, billing_period, zone)
        since = carried_since(terms.contract)
        counted = adjustable if since is None else billing_periods_before(terms.contract, billing_period, zone, since)
        ids = [invoice_id(terms.contract.contract_id, one) for one in sorted({*adjustable, *counted}, key=_start)]
        documents = self.invoices.documents(ids)
        known = {one: document.invoice for one, document in documents.items()}
        unbilled = [one for one in ids if one not in known or known[one].state not in BILLED_STATES]
        live = [*(documents[one] for one in ids if one in documents), *later.billed]
        voided = [*(one for document in documents.values() for one in document.reversed), *later.voided]
        told = Told(invoices=tuple(one.invoice for one in (*live, *voided)), draft=before)
        if not ids or unbilled:
            return EarlierPeriods(
                found=tuple(KeptBack(one, f"it waits for {unbilled[0]}") for one in sorted(told.by_draft)),
                issues=tuple(_waits_for(unbilled)) if since is not None else (),
            )
        periods = corrected_periods(live, voided=voided)[: len(ids)]
        may_change = frozenset(one.name for one in adjustable)
        return self._go_through(terms, periods, may_change, openings, told)

    def _go_through(
        self,
        terms: Terms,
        periods: Sequence[BilledPeriod],
        may_change: Container[str],
        openings: Openings,
        told: Told,
    ) -> EarlierPeriods:
        late = self._late(terms, [one for one in periods if one.own.billing_period.name in may_change])
        found: list[PeriodAdjustment | KeptBack] = []
        billed = carried = NOTHING_CARRIED
        for number, period in enumerate(periods):
            opening = openings.get(period.own.billing_period.name, ())
            entering = _Entering(opening, _billed_then(terms, period, periods[:number], billed), carried)
            lines = period.standing.every
            billed = terms.settled_by.carry(billed, lines)
            if period.own.billing_period.name in may_change:
                was_kept_back = told.of(period.own.invoice_id, read_last=period.last)
                if _is_changed(period, entering, late):
                    one = self._adjustment(terms, period, entering, was_kept_back=was_kept_back)
                    found.append(one)
                    if isinstance(one, PeriodAdjustment):
                        lines = (*period.now.every, *one.lines)
                elif was_kept_back:
                    found.append(_as_it_is(period))
            carried = terms.settled_by.carry(carried, lines)
        return EarlierPeriods(found=tuple(found), carried=carried, billed=billed)

    def _late(self, terms: Terms, periods: Sequence[BilledPeriod]) -> tuple[LateUsage, ...]:
        span = Period(periods[0].own.billing_period.start, periods[-1].own.billing_period.end)
        manifests = [manifest for period in periods for manifest in period.manifests]
        return self.usage.late(terms.contract.customer_id, terms.account.subjects, span, after=manifests)

    def _adjustment(
        self, terms: Terms, period: BilledPeriod, entering: "_Entering", *, was_kept_back: bool
    ) -> PeriodAdjustment | KeptBack:
        own, customer_id = period.own, terms.contract.customer_id
        months = month_names(own.billing_period.period, terms.account.customer.time_zone)
        if reasons := self.holds.reasons(customer_id, *months):
            return KeptBack(own.invoice_id, f"its usage is held: {', '.join(reasons)}")
        span, usage_only = own.billing_period.period, terms.for_usage()
        was_read = self.usage.read_again(customer_id, span, period.manifests)
        reading = self.usage.read(customer_id, terms.account.subjects, span, after=period.manifests)
        billed = usage_only.rate(was_read, span, opening=period.manifests[-1].opening)
        final = usage_only.rate(reading.windows, span, opening=entering.opening)
        settled_by = terms.settled_by
        return adjustment(
            period,
            AdjustedPeriod(
                invoice_id=own.invoice_id,
                manifest=reading.manifest.opened_with(entering.opening),
                was_kept_back=was_kept_back,
                documents=period.documents,
                credited=period.uncounted,
            ),
            RatedTwice(
                billed=settled_by.lines(billed, span, carried=entering.billed, fees=period.settled.fees()),
                final=settled_by.lines(final, span, carried=entering.carried, fees=period.now.fees()),
                issues=final.issues,
            ),
            currency=terms.contract.currency,
        )


@dataclass(frozen=True, slots=True)
class _Entering:
    """What comes into a billing period: levels, and what earlier periods leave of it, as billed and at last."""

    opening: Sequence[CarriedLevel]
    billed: Carried
    carried: Carried


def _waits_for(unbilled: Iterable[InvoiceId]) -> Iterator[Issue]:
    for one in unbilled:
        message = f"{one} is not billed yet, and what it leaves of commitments and credits counts here"
        code = RatingIssueCode.EARLIER_PERIOD_NOT_BILLED
        yield Issue(severity=Severity.CRITICAL, code=code, message=message, path=one)


def _start(period: BillingPeriod) -> datetime:
    return period.start


def _is_changed(period: BilledPeriod, entering: _Entering, late: Iterable[LateUsage]) -> bool:
    is_other = entering.opening != period.manifests[-1].opening or entering.carried != entering.billed
    return is_other or bool(period.uncounted) or period.has_lost or _is_beyond(period, late)


def _billed_then(terms: Terms, period: BilledPeriod, earlier: Sequence[BilledPeriod], by_now: Carried) -> Carried:
    """Return what earlier periods had left when the period was rated last: it still stands unless one was voided."""
    if not any(one.voided for one in earlier):
        return by_now
    then = NOTHING_CARRIED
    for one in earlier:
        then = terms.settled_by.carry(then, one.as_of(period.last).every)
    return then


def _is_beyond(period: BilledPeriod, late: Iterable[LateUsage]) -> bool:
    inside = period.own.billing_period.period
    return any(one.usage.key.window_start in inside and not period.has_read(one.place) for one in late)


def _as_it_is(period: BilledPeriod) -> PeriodAdjustment:
    """Return that nothing is due of a period that was kept back: what made it due is gone."""
    adjusted = AdjustedPeriod(
        invoice_id=period.own.invoice_id,
        manifest=period.manifests[-1],
        was_kept_back=True,
        documents=period.documents,
    )
    return PeriodAdjustment(adjusted, ())
