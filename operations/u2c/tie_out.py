"""The tie-out of a run, made of its books."""

from operations.u2c.books import Books, Fate
from operations.u2c.reasons import Reasons
from operations.u2c.simulated_erps import SimulatedErps
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.issuing import ISSUED_STATES
from shared.domain.master_data.catalog import Catalog
from shared.domain.reconciliation.billed_before import taken_off
from shared.domain.reconciliation.billed_usage import BilledUsage, billed_usage
from shared.domain.reconciliation.cash import invoice_checks, issued_documents, posting_checks
from shared.domain.reconciliation.credits import credit_checks
from shared.domain.reconciliation.quantities import quantity_checks
from shared.domain.reconciliation.tie_out import TieOut, UsageCounts, usage_checks
from shared.domain.reconciliation.waiting import waiting_documents

# Bills of members are on the invoices of their leads.
_ON_AN_INVOICE = ISSUED_STATES | {InvoiceState.CONSOLIDATED}
_MEASURED = (Fate.METERED, Fate.PARKED, Fate.CONFLICTING, Fate.VOIDED, Fate.LOST)


def issued(books: Books) -> list[Invoice]:
    """Return what has a number of its own, also if a credit note has reversed it since.

    The bills of members are on the invoices of their leads.
    """
    return [*(invoice for invoice in books.invoices.values() if invoice.state in ISSUED_STATES), *books.reversed]


def billed(books: Books, catalog: Catalog) -> BilledUsage:
    """Find the windows behind each issued line, from the ledger."""
    plans = {plan.plan_id: plan for plan in catalog.plans}
    matches = {
        (subscription.subscription_id, charge.charge_id): charge.match
        for contract in catalog.contracts
        for subscription in contract.subscriptions
        for charge in plans[subscription.plan_id].charges_in(contract.currency)
    }
    windows = {key: state for key, (_, state) in books.windows.items()}
    invoices = list(books.invoices.values())
    bills = [one for one in invoices if one.state in _ON_AN_INVOICE]
    return billed_usage(invoices, bills, windows, books.late_windows, matches)


def tie_out(books: Books, catalog: Catalog, erps: SimulatedErps, usage: BilledUsage) -> TieOut:
    """Compare every stage with the next."""
    invoices = issued(books)
    reasons = Reasons.of(books, catalog)
    return TieOut(
        (
            *usage_checks(usage_counts(books)),
            *quantity_checks(
                windows={key: state for key, (_, state) in books.windows.items()},
                billed=usage,
                units={meter.code: meter.unit for meter in catalog.meters},
                unread_reason=reasons.unread(usage),
                unbilled_reason=reasons.unbilled(usage),
            ),
            *invoice_checks(invoices, taken_off([*books.invoices.values(), *books.reversed], books.credit_notes)),
            *credit_checks(invoices, books.credit_notes),
            *posting_checks(issued_documents(invoices, books.credit_notes), erps.figures(), reasons.not_posted()),
        ),
        waiting_documents(books.on_their_way),
    )


def usage_counts(books: Books) -> UsageCounts:
    """Count each stage's set."""
    received = books.deliveries()
    no_usage = (Fate.QUARANTINED, Fate.TELEMETRY, Fate.CORRECTION, Fate.HEARTBEAT)
    accepted = books.deliveries(*(fate for fate in Fate if fate not in no_usage))
    return UsageCounts(
        in_file=books.events_in_file,
        not_arrived=books.events_not_arrived,
        refused_by_producer=books.refused_by_producer,
        received=received,
        quarantined=books.deliveries(Fate.QUARANTINED),
        telemetry=books.deliveries(Fate.TELEMETRY),
        corrections=books.deliveries(Fate.CORRECTION),
        heartbeats=books.deliveries(Fate.HEARTBEAT),
        accepted=accepted,
        contents=accepted - books.deliveries(Fate.DUPLICATE),
        not_measured=books.deliveries(Fate.NOT_MEASURED),
        measured=books.deliveries(*_MEASURED),
        measurements=sum(books.count(fate) for fate in _MEASURED),
        metered=books.events_in_ledger,
        parked=books.count(Fate.PARKED),
        conflicting=books.count(Fate.CONFLICTING),
        voided=books.count(Fate.VOIDED),
    )
