"""A billing period of a contract as all its invoices have billed it so far: its own one, and those that adjusted it.

Credit notes that correct an invoice have billed, too, less than nothing. The last invoice that adjusted the period has
counted some of them (`settled`); later ones have come since (`now`).
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from shared.domain.identifiers import CreditNoteId
from shared.domain.invoicing.billed_document import BilledDocument, Correction
from shared.domain.invoicing.invoice import AdjustedPeriod, Invoice, InvoiceLine, period_of
from shared.domain.invoicing.standing import Standing
from shared.domain.metering.reading import SlotsRead, UsageManifest
from shared.domain.money import EXACT, Money
from shared.domain.rating.adjustments.lines import charge_line

LineName: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Billed:
    """What all documents together have billed by the lines of one name. `last` is the one that was rated last."""

    quantity: Decimal
    amount: Money
    last: InvoiceLine


@dataclass(frozen=True, slots=True)
class BilledLines:
    """What is billed of a period: what invoices asked for, oldest first, and what credit notes took off it."""

    invoiced: tuple[InvoiceLine, ...]
    taken_off: tuple[InvoiceLine, ...]

    @property
    def every(self) -> tuple[InvoiceLine, ...]:
        return (*self.invoiced, *self.taken_off)

    def fees(self) -> tuple[InvoiceLine, ...]:
        """Return what is billed of fees, after the price adjustments of their own charge: usage changes none of it."""
        names = self._names_of_fees()
        return tuple(line for line in self.every if _is_of(line, names))

    def rated_by_usage(self) -> Mapping[LineName, Billed]:
        """Return what is billed of everything else: usage charges, and all price adjustments that usage may change."""
        fees, billed = self._names_of_fees(), dict[LineName, Billed]()
        for line in (line for line in self.invoiced if not _is_of(line, fees)):
            before = billed.get(line.name)
            billed[line.name] = _more(before, line, last=line) if before else Billed(line.quantity, line.amount, line)
        for line in (line for line in self.taken_off if not _is_of(line, fees)):
            before = billed[line.name]
            billed[line.name] = _more(before, line, last=before.last)
        return billed

    def _names_of_fees(self) -> frozenset[LineName]:
        fees = (line for line in self.invoiced if line.meter is None and line.applied is None)
        return frozenset(name for line in fees for name in (line.name, line.line_id))


@dataclass(frozen=True, slots=True)
class BilledPeriod:
    """`adjusted_by` are the later invoices that have read the period again, oldest first.

    `corrections` are of all these invoices, with the lines that they take off this period; `documents` are how those
    of the invoices stood that are issued. Both are known only to who has read credit notes.
    """

    own: Invoice
    adjusted_by: tuple[Invoice, ...]
    corrections: tuple[Correction, ...] = ()
    documents: tuple[Standing, ...] = ()

    @property
    def manifests(self) -> tuple[UsageManifest, ...]:
        """Everything that was read of the period, oldest first."""
        return (self.own.manifest, *(one.manifest for one in self._again))

    def has_read(self, late: SlotsRead) -> bool:
        return any(manifest.has_read_late(late) for manifest in self.manifests)

    @property
    def now(self) -> BilledLines:
        """Return everything that is billed of the period."""
        return self._with(self.corrections)

    @property
    def settled(self) -> BilledLines:
        """Return what was billed of it once the last invoice that adjusted it was issued: what its reading came to."""
        return self._with([one for one in self.corrections if one.credit_note_id not in self.uncounted])

    @property
    def uncounted(self) -> tuple[CreditNoteId, ...]:
        """Return the corrections that no invoice has taken into account yet."""
        counted = {credited for one in self._again for credited in one.credited}
        return tuple(one.credit_note_id for one in self.corrections if one.credit_note_id not in counted)

    @property
    def _again(self) -> tuple[AdjustedPeriod, ...]:
        again = (one for invoice in self.adjusted_by for one in invoice.adjusted)
        return tuple(one for one in again if one.invoice_id == self.own.invoice_id)

    def _with(self, corrections: Iterable[Correction]) -> BilledLines:
        return BilledLines(
            tuple(line for invoice in (self.own, *self.adjusted_by) for line in _of_period(self.own, invoice)),
            tuple(line for one in corrections for line in one.lines),
        )


def _of_period(own: Invoice, invoice: Invoice) -> Iterable[InvoiceLine]:
    return (line for line in invoice.own_lines if period_of(line, invoice) == own.invoice_id)


def _more(before: Billed, line: InvoiceLine, *, last: InvoiceLine) -> Billed:
    return Billed(EXACT.add(before.quantity, line.quantity), before.amount + line.amount, last)


def _is_of(line: InvoiceLine, fees: Container[LineName]) -> bool:
    if line.applied is None:
        return line.name in fees
    return line.applied.of_charge and charge_line(line.applied.target) in fees


def billed_periods(invoices: Sequence[Invoice]) -> tuple[BilledPeriod, ...]:
    """Return the periods of one contract's invoices, which are oldest first and have billed what they bill for good."""
    return tuple(BilledPeriod(own, _adjusting(own, invoices)) for own in invoices)


def corrected_periods(documents: Sequence[BilledDocument]) -> tuple[BilledPeriod, ...]:
    """Return the same with all that was corrected by credit notes."""
    return tuple(_corrected(period, documents) for period in billed_periods([one.invoice for one in documents]))


def _adjusting(own: Invoice, invoices: Iterable[Invoice]) -> tuple[Invoice, ...]:
    return tuple(one for one in invoices if any(period.invoice_id == own.invoice_id for period in one.adjusted))


def _corrected(period: BilledPeriod, documents: Iterable[BilledDocument]) -> BilledPeriod:
    own = period.own.invoice_id
    concerned = {own, *(one.invoice_id for one in period.adjusted_by)}
    corrections, standings = [], []
    for document in (one for one in documents if one.invoice.invoice_id in concerned):
        if document.invoice.number is not None:
            standings.append(document.standing)
        for one in document.corrections():
            lines = tuple(line for line in one.lines if period_of(line, document.invoice) == own)
            corrections += [Correction(credit_note_id=one.credit_note_id, lines=lines)] if lines else []
    return BilledPeriod(period.own, period.adjusted_by, tuple(corrections), tuple(standings))
