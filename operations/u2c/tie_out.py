"""The tie-out of a run, made of its books."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from operations.u2c.books import Books, Fate
from operations.u2c.simulated_erps import SimulatedErps
from shared.domain.exception_record import ExceptionCode, ExceptionStatus
from shared.domain.identifiers import ContractId, CustomerId, InvoiceId, MeterCode, PlanId
from shared.domain.invoicing.invoice import Invoice, invoice_id
from shared.domain.master_data.catalog import Catalog, Contract, Plan
from shared.domain.metering.aggregate import WindowKey
from shared.domain.posting.intent import IntentState
from shared.domain.rating.quantities import is_charged_by
from shared.domain.reconciliation.cash import (
    ISSUED,
    BilledUsage,
    billed_usage,
    invoice_checks,
    posting_checks,
    quantity_checks,
)
from shared.domain.reconciliation.tie_out import TieOut, UsageCounts, usage_checks
from shared.domain.time_period import billing_period_containing

# A day of grace until the last slice is sealed, and a day until the next bill run.
SEALED_AND_BILLED_WITHIN = timedelta(days=2)
_MEASURED = (Fate.METERED, Fate.PARKED, Fate.CONFLICTING, Fate.LOST)


def issued(books: Books) -> list[Invoice]:
    return [invoice for invoice in books.invoices.values() if invoice.state in ISSUED]


def billed(books: Books, catalog: Catalog) -> BilledUsage:
    """Find the windows behind each issued line, from the ledger."""
    plans = {plan.plan_id: plan for plan in catalog.plans}
    matches = {
        (subscription.subscription_id, charge.charge_id): charge.match
        for contract in catalog.contracts
        for subscription in contract.subscriptions
        for charge in plans[subscription.plan_id].charges
    }
    windows = {key: state for key, (_, state) in books.windows.items()}
    return billed_usage(issued(books), windows, matches, books.late_usage)


def tie_out(books: Books, catalog: Catalog, erps: SimulatedErps, usage: BilledUsage) -> TieOut:
    """Compare every stage with the next."""
    invoices = issued(books)
    return TieOut(
        (
            *usage_checks(usage_counts(books)),
            *quantity_checks(
                invoices=invoices,
                windows={key: state for key, (_, state) in books.windows.items()},
                billed=usage,
                units={meter.code: meter.unit for meter in catalog.meters},
                late_after_issue=_late_after_issue(books),
                unbilled_reason=_unbilled_reasons(books, catalog, usage),
            ),
            *invoice_checks(invoices),
            *posting_checks(invoices, erps.figures(), _not_posted(books)),
        )
    )


def usage_counts(books: Books) -> UsageCounts:
    """Count each stage's set."""
    received = books.deliveries()
    quarantined, telemetry = books.deliveries(Fate.QUARANTINED), books.deliveries(Fate.TELEMETRY)
    accepted = books.deliveries(*(fate for fate in Fate if fate not in (Fate.QUARANTINED, Fate.TELEMETRY)))
    return UsageCounts(
        in_file=books.events_in_file,
        not_arrived=books.events_not_arrived,
        refused_by_producer=books.refused_by_producer,
        received=received,
        quarantined=quarantined,
        telemetry=telemetry,
        accepted=accepted,
        contents=accepted - books.deliveries(Fate.DUPLICATE),
        not_measured=books.deliveries(Fate.NOT_MEASURED),
        measured=books.deliveries(*_MEASURED),
        measurements=sum(books.count(fate) for fate in _MEASURED),
        metered=books.events_in_ledger,
        parked=books.count(Fate.PARKED),
        conflicting=books.count(Fate.CONFLICTING),
    )


def _late_after_issue(books: Books) -> frozenset[tuple[CustomerId, MeterCode]]:
    return frozenset(
        (CustomerId(record.detail["customer"]), MeterCode(record.detail["meter"]))
        for record in books.exceptions
        if record.code is ExceptionCode.LATE_AFTER_ISSUE and record.status is ExceptionStatus.OPEN
    )


def _unbilled_reasons(books: Books, catalog: Catalog, usage: BilledUsage) -> Mapping[WindowKey, str]:
    """Say why a window is on no issued line; one without a reason stays unexplained, and the run does not tie.

    An invoice that is not issued is a reason only for what its own contract charges, and only with an open exception.
    """
    zones = {customer.customer_id: customer.time_zone for customer in catalog.customers}
    takers = _Takers.of(catalog)
    told, late = _late_after_issue(books), {one.usage.key for one in books.late_usage}
    waiting = _waiting_invoices(books)
    reasons: dict[WindowKey, str] = {}
    for key in books.windows:
        if key in usage.lines_of_window or key.customer_id not in zones:
            continue
        period = billing_period_containing(key.window_start, zones[key.customer_id])
        names = [invoice_id(contract_id, period) for contract_id in takers.contracts_of(key)]
        held = next((name for name in names if name in waiting), None)
        if held is not None:
            reasons[key] = f"invoice {books.invoices[held].state.value}, see the exceptions"
        elif key in late and (key.customer_id, key.meter) in told:
            reasons[key] = "late after issue (exception LATE_AFTER_ISSUE)"
        elif not any(name in books.invoices for name in names) and period.end + SEALED_AND_BILLED_WITHIN > books.as_of:
            reasons[key] = "billing period not ended, sealed and billed yet"
    return reasons


def _waiting_invoices(books: Books) -> frozenset[InvoiceId]:
    """Return the invoices that are not issued and that an open exception names."""
    named = {
        name
        for record in books.exceptions
        if record.status is ExceptionStatus.OPEN
        for name in (record.subject, record.detail.get("invoice_id"))
    }
    return frozenset(name for name, i in books.invoices.items() if i.state not in ISSUED and name in named)


@dataclass(frozen=True, slots=True)
class _Takers:
    """Which contracts charge a window's usage."""

    contracts: Mapping[CustomerId, tuple[Contract, ...]]
    plans: Mapping[PlanId, Plan]

    @classmethod
    def of(cls, catalog: Catalog) -> "_Takers":
        contracts: dict[CustomerId, tuple[Contract, ...]] = {}
        for contract in catalog.contracts:
            contracts[contract.customer_id] = (*contracts.get(contract.customer_id, ()), contract)
        return cls(contracts, {plan.plan_id: plan for plan in catalog.plans})

    def contracts_of(self, window: WindowKey) -> list[ContractId]:
        """Return those that charge the window; without any it is a fault of each contract of the customer."""
        everyone = self.contracts.get(window.customer_id, ())
        taking = [contract.contract_id for contract in everyone if self._takes(contract, window)]
        return taking or [contract.contract_id for contract in everyone]

    def _takes(self, contract: Contract, window: WindowKey) -> bool:
        return window.window_start in contract.active and any(
            is_charged_by(window, charge, subscription.active)
            for subscription in contract.subscriptions
            for charge in self.plans[subscription.plan_id].charges
        )


def _not_posted(books: Books) -> Mapping[InvoiceId, str]:
    """Name why an issued invoice is not in its ERP's ledger; only an open posting exception is a reason."""
    named = {record.subject: record.code.value for record in books.exceptions if record.status is ExceptionStatus.OPEN}
    reasons: dict[InvoiceId, str] = {}
    for intent in books.intents:
        if intent.state is IntentState.POSTED:
            continue
        code = named.get(intent.posting_id) or named.get(f"erp-postings/{intent.posting_id}")  # a dead letter's
        if code is not None:
            reasons[InvoiceId(intent.posting_id.rsplit("/r", 1)[0])] = f"not posted: exception {code}"
    return reasons
