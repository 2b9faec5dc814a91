"""The money half of the tie-out: what was metered is rated, what is rated is invoiced, what is invoiced is posted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.identifiers import ChargeId, CustomerId, InvoiceId, LegalEntityId, MeterCode, SubscriptionId
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceState
from shared.domain.metering.aggregate import (
    AggregateState,
    CountState,
    SumState,
    WindowKey,
    WindowUsage,
    merge,
    quantity_of,
)
from shared.domain.metering.reading import SlotsRead
from shared.domain.money import EXACT, Money
from shared.domain.reconciliation.tie_out import Check, Explanation

ISSUED = frozenset({InvoiceState.ISSUED, InvoiceState.POSTED, InvoiceState.POSTING_FAILED})


@dataclass(frozen=True, slots=True)
class LateUsage:
    """One window of one slot of a late log."""

    place: SlotsRead
    usage: WindowUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledUsage:
    """Which windows each issued usage line stands for, and the quantity that the ledger now gives for them.

    `unread` sums the late usage of a line that its invoice has not read; a line without any is not in it.
    """

    lines_of_window: Mapping[WindowKey, tuple[tuple[InvoiceId, str], ...]]
    ledger_quantity: Mapping[tuple[InvoiceId, str], Decimal]
    unread: Mapping[tuple[InvoiceId, str], Decimal]


def billed_usage(
    invoices: Iterable[Invoice],
    windows: Mapping[WindowKey, AggregateState],
    matches: Mapping[tuple[SubscriptionId, ChargeId], tuple[tuple[str, str], ...]],
    late: Iterable[LateUsage],
) -> BilledUsage:
    """Find the windows of each issued line again, from the ledger alone; `matches` are the charges' dimensions."""
    by_account: dict[tuple[CustomerId, MeterCode], list[WindowKey]] = defaultdict(list)
    for key in windows:
        by_account[key.customer_id, key.meter].append(key)
    late_of: dict[WindowKey, list[LateUsage]] = defaultdict(list)
    for one in late:
        late_of[one.usage.key].append(one)
    lines_of_window: dict[WindowKey, tuple[tuple[InvoiceId, str], ...]] = {}
    unread: dict[tuple[InvoiceId, str], Decimal] = defaultdict(Decimal)
    quantities: dict[tuple[InvoiceId, str], Decimal] = {}
    for invoice, line, meter in _usage_lines(invoices):
        name = (invoice.invoice_id, line.line_id)
        merged: AggregateState | None = None
        for key in by_account[invoice.customer_id, meter]:
            if key.window_start in line.service_period and set(matches[line.subscription_id, line.charge_id]) <= set(
                key.dimensions
            ):
                merged = windows[key] if merged is None else merge(merged, windows[key])
                lines_of_window[key] = (*lines_of_window.get(key, ()), name)
                for one in late_of.get(key, ()):
                    if not invoice.manifest.has_read_late(one.place):
                        unread[name] += quantity_of(one.usage.state)
        quantities[name] = Decimal(0) if merged is None else quantity_of(merged)
    return BilledUsage(lines_of_window=lines_of_window, ledger_quantity=quantities, unread=unread)


def quantity_checks(
    *,
    invoices: Sequence[Invoice],
    windows: Mapping[WindowKey, AggregateState],
    billed: BilledUsage,
    units: Mapping[MeterCode, str],
    late_after_issue: frozenset[tuple[CustomerId, MeterCode]],
    unbilled_reason: Mapping[WindowKey, str],
) -> tuple[Check, ...]:
    """Per meter: what the ledger holds is what issued lines price, but for usage with a reason to be on none.

    Where a meter does not add up over windows (max, latest, unique), lines are compared at their own grain.
    """
    metered: dict[MeterCode, Decimal] = defaultdict(Decimal)
    rated: dict[MeterCode, Decimal] = defaultdict(Decimal)
    reasons: dict[tuple[MeterCode, str], Decimal] = defaultdict(Decimal)
    for invoice, line, meter in _usage_lines(invoices):
        name = (invoice.invoice_id, line.line_id)
        priced = sum((part.quantity for part in line.parts), Decimal(0))
        rated[meter] += priced
        adds_up = _adds_up(windows, meter)
        if name in billed.unread and (invoice.customer_id, meter) in late_after_issue:
            late = billed.unread[name] if adds_up else billed.ledger_quantity[name] - priced
            reasons[meter, "late after issue (exception LATE_AFTER_ISSUE)"] += late
        if not adds_up:
            metered[meter] += billed.ledger_quantity[name]
    unbilled: dict[tuple[MeterCode, CustomerId, str], AggregateState] = {}
    for key, state in windows.items():
        if isinstance(state, SumState | CountState):
            metered[key.meter] += quantity_of(state)
        if key not in billed.lines_of_window:
            group = (key.meter, key.customer_id, unbilled_reason.get(key, ""))
            unbilled[group] = merge(unbilled[group], state) if group in unbilled else state
    for (meter, _, reason), state in unbilled.items():
        if not isinstance(state, SumState | CountState):
            metered[meter] += quantity_of(state)
        if reason:
            reasons[meter, reason] += quantity_of(state)
    return tuple(
        Check(
            name=f"quantity of {meter}",
            left_name=f"metered {meter}",
            left=metered[meter],
            right_name=f"rated {meter}",
            right=rated[meter],
            unit=units.get(meter, ""),
            explanations=tuple(
                Explanation(reason, amount)
                for (of, reason), amount in sorted(reasons.items())
                if of == meter and amount
            ),
        )
        for meter in sorted({*metered, *rated})
    )


def invoice_checks(invoices: Sequence[Invoice]) -> tuple[Check, ...]:
    """Per legal entity and currency: charges equal lines but for rounding, lines and tax equal the invoices."""
    checks: list[Check] = []
    for (entity, unit), group in sorted(_by_entity_and_currency(invoices).items()):
        lines = [line for invoice in group for line in invoice.lines]
        precise = sum((_charge(line) for line in lines), Decimal(0))
        rounded = sum((line.amount.amount for line in lines), Decimal(0))
        rounding = sum((_rounding(line) for line in lines), Decimal(0))
        checks.append(
            Check(
                name=f"charges of {entity}",
                left_name=f"{entity}: charges",
                left=precise,
                right_name="invoice lines",
                right=rounded,
                unit=unit,
                explanations=(Explanation("rounding of each line to the minor unit", rounding),) if rounding else (),
            )
        )
        taxes = sum((tax.amount.amount for invoice in group for tax in invoice.taxes), Decimal(0))
        checks.append(
            Check(
                name=f"invoices of {entity}",
                left_name=f"{entity}: lines + tax",
                left=rounded + taxes,
                right_name="invoices, gross",
                right=sum((invoice.gross.amount for invoice in group), Decimal(0)),
                unit=unit,
            )
        )
    return tuple(checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFigures:
    """What the ERPs hold of one legal entity in one currency: posted documents and the receivable balance."""

    documents: int
    gross: Decimal
    receivable: Decimal


def posting_checks(
    invoices: Sequence[Invoice],
    erp: Mapping[tuple[LegalEntityId, str], LedgerFigures],
    not_posted: Mapping[InvoiceId, str],
) -> tuple[Check, ...]:
    """Per legal entity and currency: invoices issued are ERP documents, documents are the receivable in its ledger.

    `not_posted` gives the reason for issued invoices that are known not to be in the ERP.
    """
    checks: list[Check] = []
    issued = _by_entity_and_currency(invoices)
    for entity, unit in sorted({*issued, *erp}):
        group = issued.get((entity, unit), [])
        held = erp.get((entity, unit), LedgerFigures(documents=0, gross=Decimal(0), receivable=Decimal(0)))
        waiting = [(invoice, not_posted[invoice.invoice_id]) for invoice in group if invoice.invoice_id in not_posted]
        reasons = sorted({reason for _, reason in waiting})
        checks += [
            Check(
                name=f"documents of {entity}",
                left_name=f"{entity}: invoices issued",
                left=Decimal(len(group)),
                right_name="ERP documents posted",
                right=Decimal(held.documents),
                unit=f"documents ({unit})",
                explanations=tuple(
                    Explanation(reason, Decimal(sum(1 for _, why in waiting if why == reason))) for reason in reasons
                ),
            ),
            Check(
                name=f"amount of {entity}",
                left_name=f"{entity}: invoices issued, gross",
                left=sum((invoice.gross.amount for invoice in group), Decimal(0)),
                right_name="ERP documents, gross",
                right=held.gross,
                unit=unit,
                explanations=tuple(
                    Explanation(reason, sum((i.gross.amount for i, why in waiting if why == reason), Decimal(0)))
                    for reason in reasons
                ),
            ),
            Check(
                name=f"ledger of {entity}",
                left_name=f"{entity}: ERP documents, gross",
                left=held.gross,
                right_name="receivables in the ERP's ledger",
                right=held.receivable,
                unit=unit,
            ),
        ]
    return tuple(checks)


def _usage_lines(invoices: Iterable[Invoice]) -> Iterable[tuple[Invoice, InvoiceLine, MeterCode]]:
    for invoice in invoices:
        for line in invoice.lines:
            if line.meter is not None:
                yield invoice, line, line.meter


def _adds_up(windows: Mapping[WindowKey, AggregateState], meter: MeterCode) -> bool:
    state = next((state for key, state in windows.items() if key.meter == meter), SumState(Decimal(0)))
    return isinstance(state, SumState | CountState)


def _charge(line: InvoiceLine) -> Decimal:
    """Work the line's charge out again from quantities and prices; what a part says it comes to is not believed."""
    return sum((EXACT.fma(part.quantity, part.unit_price, part.flat_amount) for part in line.parts), Decimal(0))


def _rounding(line: InvoiceLine) -> Decimal:
    """Return what rounding took from a line; nothing when the line is not its charge rounded, so that it shows."""
    precise = _charge(line)
    honest = Money(precise, line.amount.currency).rounded() == line.amount
    return precise - line.amount.amount if honest else Decimal(0)


def _by_entity_and_currency(invoices: Iterable[Invoice]) -> dict[tuple[LegalEntityId, str], list[Invoice]]:
    groups: dict[tuple[LegalEntityId, str], list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        groups[invoice.legal_entity_id, invoice.gross.currency.code].append(invoice)
    return groups
