"""Which windows each billed charge stands for, found again from the ledger alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import TypeAlias

from shared.domain.identifiers import ChargeId, CustomerId, InvoiceId, MeterCode, SubscriptionId
from shared.domain.invoicing.billed_period import BilledPeriod, billed_periods
from shared.domain.invoicing.invoice import Invoice, InvoiceLine
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.metering.aggregate import AggregateState, WindowKey, merge, quantity_of
from shared.domain.metering.reading import SlotsRead
from shared.domain.money import EXACT
from shared.domain.reconciliation.late_windows import LateWindow, state_of

ChargeMatches: TypeAlias = Mapping[tuple[SubscriptionId, ChargeId], tuple[tuple[str, str], ...]]
_Name: TypeAlias = tuple[InvoiceId, SubscriptionId, ChargeId]


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledCharge:
    """A usage charge of one billing period, as all issued invoices together bill it.

    `rated` is what their lines price, `read` what their manifests name, and `metered` what the ledger now has: the
    last two differ by the late usage in the `unread` slots.
    """

    own_invoice: InvoiceId
    customer_id: CustomerId
    meter: MeterCode
    rated: Decimal
    read: Decimal
    metered: Decimal
    unread: frozenset[SlotsRead]


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledUsage:
    """All that is billed, and on which lines each window is. `periods` are what invoices have read for good."""

    charges: tuple[BilledCharge, ...]
    lines_of_window: Mapping[WindowKey, tuple[tuple[InvoiceId, str], ...]]
    periods: Mapping[InvoiceId, BilledPeriod]


def billed_usage(
    invoices: Sequence[Invoice],
    issued: Sequence[Invoice],
    windows: Mapping[WindowKey, AggregateState],
    late: Mapping[WindowKey, tuple[LateWindow, ...]],
    matches: ChargeMatches,
) -> BilledUsage:
    """Hold the lines of `issued` invoices against the ledger; `matches` are the dimensions that each charge takes."""
    by_account: dict[tuple[CustomerId, MeterCode], list[WindowKey]] = defaultdict(list)
    for key in windows:
        by_account[key.customer_id, key.meter].append(key)
    periods = _periods(invoices)
    charges: list[BilledCharge] = []
    lines_of_window: dict[WindowKey, tuple[tuple[InvoiceId, str], ...]] = defaultdict(tuple)
    for (own_invoice, subscription_id, charge_id), lines in _usage_lines(issued).items():
        invoice, last = lines[-1]
        assert last.meter is not None, "usage has a meter"
        match = set(matches[subscription_id, charge_id])
        keys = [
            key
            for key in by_account[invoice.customer_id, last.meter]
            if key.window_start in last.service_period and match <= set(key.dimensions)
        ]
        period = periods[own_invoice]
        for key in keys:
            lines_of_window[key] += tuple((of.invoice_id, line.line_id) for of, line in lines)
        as_read = [state_of(late[key], read=period.has_read) if key in late else windows[key] for key in keys]
        charges.append(
            BilledCharge(
                own_invoice=own_invoice,
                customer_id=invoice.customer_id,
                meter=last.meter,
                rated=sum((_priced(line) for _, line in lines), Decimal(0)),
                read=_quantity([state for state in as_read if state is not None]),
                metered=_quantity([windows[key] for key in keys]),
                unread=frozenset(
                    one.place
                    for key in keys
                    for bucket in late.get(key, ())
                    for one in bucket.late
                    if not period.has_read(one.place)
                ),
            )
        )
    return BilledUsage(charges=tuple(charges), lines_of_window=dict(lines_of_window), periods=periods)


def _periods(invoices: Iterable[Invoice]) -> Mapping[InvoiceId, BilledPeriod]:
    by_contract: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in sorted(invoices, key=lambda one: one.billing_period.start):
        if invoice.state in BILLED_STATES:
            by_contract[invoice.contract_id].append(invoice)
    return {period.own.invoice_id: period for of_one in by_contract.values() for period in billed_periods(of_one)}


def _usage_lines(issued: Iterable[Invoice]) -> Mapping[_Name, list[tuple[Invoice, InvoiceLine]]]:
    """Bring the lines of one charge and billing period together, oldest first."""
    found: dict[_Name, list[tuple[Invoice, InvoiceLine]]] = defaultdict(list)
    for invoice in sorted(issued, key=lambda one: one.billing_period.start):
        for line in invoice.lines:
            if line.meter is not None:
                own_invoice = line.adjusts.invoice_id if line.adjusts else invoice.invoice_id
                found[own_invoice, line.subscription_id, line.charge_id].append((invoice, line))
    return found


def _priced(line: InvoiceLine) -> Decimal:
    """Return the quantity that the line's parts price; of one that adjusts, beyond what it says was billed before."""
    priced = sum((part.quantity for part in line.parts), Decimal(0))
    return EXACT.subtract(priced, line.adjusts.quantity) if line.adjusts else priced


def _quantity(states: Sequence[AggregateState]) -> Decimal:
    return quantity_of(reduce(merge, states)) if states else Decimal(0)
