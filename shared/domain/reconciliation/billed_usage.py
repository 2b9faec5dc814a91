"""Which windows each billed charge stands for, found again from the ledger alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from shared.domain.identifiers import ChargeId, CustomerId, InvoiceId, MeterCode, SubscriptionId
from shared.domain.invoicing.billed_period import BilledPeriod, billed_periods
from shared.domain.invoicing.invoice import Invoice, InvoiceLine
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.invoicing.rated_before import rated_order
from shared.domain.metering.aggregate import AggregateState, WindowKey, WindowUsage
from shared.domain.metering.carried import CarriedLevel, closing_levels
from shared.domain.metering.reading import SlotsRead
from shared.domain.money import EXACT, exact_sum
from shared.domain.rating.priced_dimensions import combination
from shared.domain.rating.quantities import usage_quantity
from shared.domain.reconciliation.late_windows import LateWindow, state_of
from shared.domain.time_period import Period
from shared.domain.usage.event import Dimensions

ChargeMatches: TypeAlias = Mapping[tuple[SubscriptionId, ChargeId], tuple[tuple[str, str], ...]]
_Name: TypeAlias = tuple[InvoiceId, SubscriptionId, ChargeId, Dimensions]


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
    """All that is billed, and on which lines each window is: none yet, for one whose charge has not read it.

    `periods` are what invoices have read for good.
    """

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
    """Hold the lines of `issued` bills against the ledger; `matches` are the dimensions that each charge takes."""
    by_account: dict[tuple[CustomerId, MeterCode], list[WindowKey]] = defaultdict(list)
    for key in windows:
        by_account[key.customer_id, key.meter].append(key)
    periods = _periods(invoices)
    charges: list[BilledCharge] = []
    lines_of_window: dict[WindowKey, tuple[tuple[InvoiceId, str], ...]] = defaultdict(tuple)
    for (own_invoice, subscription_id, charge_id, priced_by), lines in _usage_lines(issued).items():
        period = periods.get(own_invoice)
        if period is None:  # its invoice is voided: what others have billed of it waits for the next revision
            continue
        invoice, last = lines[-1]
        assert last.meter is not None, "usage has a meter"
        takes = _Takes(set(matches[subscription_id, charge_id]), priced_by)
        taken = [key for key in by_account[invoice.customer_id, last.meter] if takes(key.dimensions)]
        for key in taken:
            if key.window_start in last.service_period:
                lines_of_window[key] += tuple(
                    (of.invoice_id, line.line_id) for of, line in lines if _has_read(of, own_invoice, late.get(key, ()))
                )
        carried_in = [one for one in period.manifests[-1].opening if one.meter == last.meter and takes(one.dimensions)]
        usage = _ChargedUsage(taken, last.service_period, period, windows, late)
        charges.append(
            BilledCharge(
                own_invoice=own_invoice,
                customer_id=invoice.customer_id,
                meter=last.meter,
                rated=exact_sum(_priced(line) for _, line in lines),
                read=usage.read(carried_in),
                metered=usage.metered(),
                unread=usage.unread(carried_in),
            )
        )
    return BilledUsage(charges=tuple(charges), lines_of_window=dict(lines_of_window), periods=periods)


@dataclass(frozen=True, slots=True)
class _Takes:
    """Which usage the lines of one name bill: what the charge takes, with the values that its price is for."""

    match: AbstractSet[tuple[str, str]]
    priced_by: Dimensions

    def __call__(self, dimensions: Dimensions) -> bool:
        names = (name for name, _ in self.priced_by)
        return self.match <= set(dimensions) and combination(dimensions, names) == self.priced_by


@dataclass(frozen=True, slots=True)
class _ChargedUsage:
    """The windows of one customer and meter that a charge may take, at any time, with what the ledger holds of them."""

    keys: Sequence[WindowKey]
    service_period: Period
    period: BilledPeriod
    windows: Mapping[WindowKey, AggregateState]
    late: Mapping[WindowKey, tuple[LateWindow, ...]]

    def metered(self) -> Decimal:
        return self._quantity(self._inside(), self.windows, self._opening())

    def read(self, opening: Sequence[CarriedLevel]) -> Decimal:
        """Return what the charge's invoices have read, with the levels that they opened with."""
        inside = self._inside()
        return self._quantity(inside, {key: self._as_read(key) for key in inside}, opening)

    def unread(self, opening: Sequence[CarriedLevel]) -> frozenset[SlotsRead]:
        """Return the slots that no invoice has read of the service period, and of a late level that reaches into it."""
        reaching = [key for key in self.keys if key.window_start in self.service_period]
        if tuple(opening) != self._opening():
            reaching += self._before()
        places = (one.place for key in reaching for bucket in self.late.get(key, ()) for one in bucket.late)
        return frozenset(place for place in places if not self.period.has_read(place))

    def _opening(self) -> tuple[CarriedLevel, ...]:
        return closing_levels((), _usage(self._before(), self.windows))

    def _before(self) -> list[WindowKey]:
        return [key for key in self.keys if key.window_start < self._billing_period.start]

    def _inside(self) -> list[WindowKey]:
        return [key for key in self.keys if key.window_start in self._billing_period]

    def _as_read(self, key: WindowKey) -> AggregateState | None:
        return state_of(self.late[key], read=self.period.has_read) if key in self.late else self.windows[key]

    def _quantity(
        self,
        keys: Iterable[WindowKey],
        states: Mapping[WindowKey, AggregateState | None],
        opening: Sequence[CarriedLevel],
    ) -> Decimal:
        quantity = usage_quantity(
            _usage(keys, states), self.service_period, billing_period=self._billing_period, opening=opening
        )
        return quantity or Decimal(0)

    @property
    def _billing_period(self) -> Period:
        return self.period.own.billing_period.period


def _periods(invoices: Iterable[Invoice]) -> Mapping[InvoiceId, BilledPeriod]:
    by_contract: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in sorted(invoices, key=lambda one: one.billing_period.start):
        if invoice.state in BILLED_STATES:
            by_contract[invoice.contract_id].append(invoice)
    return {period.own.invoice_id: period for of_one in by_contract.values() for period in billed_periods(of_one)}


def _usage_lines(issued: Iterable[Invoice]) -> Mapping[_Name, list[tuple[Invoice, InvoiceLine]]]:
    """Bring the lines of one name and billing period together, oldest first."""
    found: dict[_Name, list[tuple[Invoice, InvoiceLine]]] = defaultdict(list)
    for invoice in sorted(issued, key=rated_order):
        for line in invoice.own_lines:
            if line.meter is not None and line.subscription_id is not None and line.charge_id is not None:
                own_invoice = line.adjusts.invoice_id if line.adjusts else invoice.invoice_id
                found[own_invoice, line.subscription_id, line.charge_id, line.priced_by].append((invoice, line))
    return found


def _has_read(invoice: Invoice, own_invoice: InvoiceId, window: Sequence[LateWindow]) -> bool:
    """Whether an invoice of a period has read anything of a window; what was sealed every one has."""
    again = (one.manifest for one in invoice.adjusted if one.invoice_id == own_invoice)
    manifests = [invoice.manifest] if invoice.invoice_id == own_invoice else list(again)
    late = [one.place for bucket in window for one in bucket.late]
    return (
        not window
        or any(bucket.sealed for bucket in window)
        or any(manifest.has_read_late(place) for manifest in manifests for place in late)
    )


def _priced(line: InvoiceLine) -> Decimal:
    """Return the quantity that the line's parts price; of one that adjusts, beyond what it says was billed before."""
    priced = exact_sum(part.units for part in line.parts)
    return EXACT.subtract(priced, line.adjusts.quantity) if line.adjusts else priced


def _usage(keys: Iterable[WindowKey], states: Mapping[WindowKey, AggregateState | None]) -> list[WindowUsage]:
    return [WindowUsage(key, 0, state) for key in keys if (state := states[key]) is not None]
