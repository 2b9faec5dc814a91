"""A billing period of a contract as all its invoices have billed it so far: its own one, and those that adjusted it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from shared.domain.identifiers import ChargeId, SubscriptionId
from shared.domain.invoicing.invoice import Invoice, InvoiceLine
from shared.domain.metering.reading import SlotsRead, UsageManifest
from shared.domain.money import EXACT, Money

ChargeName: TypeAlias = tuple[SubscriptionId, ChargeId]


@dataclass(frozen=True, slots=True)
class Billed:
    """What all invoices together have billed of one charge. `last` is the line that rated it last."""

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

    def usage(self) -> Mapping[ChargeName, Billed]:
        """Return what is billed of each usage charge of the period."""
        billed: dict[ChargeName, Billed] = {}
        for line in self._usage_lines():
            name = (line.subscription_id, line.charge_id)
            before = billed.get(name)
            billed[name] = (
                Billed(line.quantity, line.amount, line)
                if before is None
                else Billed(EXACT.add(before.quantity, line.quantity), before.amount + line.amount, line)
            )
        return billed

    def _usage_lines(self) -> Iterator[InvoiceLine]:
        yield from (line for line in self.own.lines if line.adjusts is None and line.meter is not None)
        for line in (line for invoice in self.adjusted_by for line in invoice.lines):
            if line.adjusts is not None and line.adjusts.invoice_id == self.own.invoice_id:
                yield line


def billed_periods(invoices: Sequence[Invoice]) -> tuple[BilledPeriod, ...]:
    """Return the periods of one contract's invoices, which are oldest first and have billed what they bill for good."""
    return tuple(
        BilledPeriod(
            own,
            tuple(one for one in invoices if any(period.invoice_id == own.invoice_id for period in one.adjusted)),
        )
        for own in invoices
    )
