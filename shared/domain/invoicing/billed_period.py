"""A billing period of a contract as all its invoices have billed it so far: its own one, and those that adjusted it."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from shared.domain.invoicing.invoice import Invoice, InvoiceLine
from shared.domain.metering.reading import SlotsRead, UsageManifest
from shared.domain.money import EXACT, Money
from shared.domain.rating.adjustments.lines import charge_line

LineName: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Billed:
    """What all invoices together have billed by the lines of one name. `last` is the one that was rated last."""

    quantity: Decimal
    amount: Money
    last: InvoiceLine


@dataclass(frozen=True, slots=True)
class BilledPeriod:
    """`adjusted_by` are the later invoices that have read the period again, oldest first."""

    own: Invoice
    adjusted_by: tuple[Invoice, ...]

    @property
    def manifests(self) -> tuple[UsageManifest, ...]:
        """Everything that was read of the period, oldest first."""
        again = (one for invoice in self.adjusted_by for one in invoice.adjusted)
        return (self.own.manifest, *(one.manifest for one in again if one.invoice_id == self.own.invoice_id))

    def has_read(self, late: SlotsRead) -> bool:
        return any(manifest.has_read_late(late) for manifest in self.manifests)

    @property
    def lines(self) -> tuple[InvoiceLine, ...]:
        """Everything that is billed of the period, oldest first."""
        later = (line for invoice in self.adjusted_by for line in invoice.lines)
        return (
            *(line for line in self.own.lines if line.adjusts is None),
            *(line for line in later if line.adjusts is not None and line.adjusts.invoice_id == self.own.invoice_id),
        )

    def fees(self) -> tuple[InvoiceLine, ...]:
        """Return what is billed of fees, after the price adjustments of their own charge: usage changes none of it."""
        of_fees = [line for line in self.lines if line.meter is None and line.applied is None]
        fees = {name for line in of_fees for name in (line.name, line.line_id)}
        return tuple(line for line in self.lines if _is_of(line, fees))

    def rated_by_usage(self) -> Mapping[LineName, Billed]:
        """Return what is billed of everything else: usage charges, and all price adjustments that usage may change."""
        fees = set(map(id, self.fees()))
        billed: dict[LineName, Billed] = {}
        for line in self.lines:
            if id(line) not in fees:
                before = billed.get(line.name)
                billed[line.name] = (
                    Billed(line.quantity, line.amount, line)
                    if before is None
                    else Billed(EXACT.add(before.quantity, line.quantity), before.amount + line.amount, line)
                )
        return billed


def _is_of(line: InvoiceLine, fees: Container[LineName]) -> bool:
    if line.applied is None:
        return line.name in fees
    return line.applied.of_charge and charge_line(line.applied.target) in fees


def billed_periods(invoices: Sequence[Invoice]) -> tuple[BilledPeriod, ...]:
    """Return the periods of one contract's invoices, which are oldest first and have billed what they bill for good."""
    return tuple(
        BilledPeriod(
            own,
            tuple(one for one in invoices if any(period.invoice_id == own.invoice_id for period in one.adjusted)),
        )
        for own in invoices
    )
