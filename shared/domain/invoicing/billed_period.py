"""A billing period of a contract as all its invoices have billed it so far: its own one, and those that adjusted it.

Credit notes that correct an invoice have billed, too, less than nothing. The last invoice that adjusted the period has
counted some of them (`settled`); later ones have come since (`now`). So it is with invoices that are voided: what they
have billed is not billed any more, and the last invoice may have counted it.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from shared.domain.identifiers import CreditNoteId, InvoiceId
from shared.domain.invoicing.billed_document import BilledDocument, Correction
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, period_of
from shared.domain.invoicing.rated_before import rated_order, was_live
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
    """`adjusted_by` are the other invoices that have read the period again, in the order in which they were rated.

    `corrections` are of all these invoices, with the lines that they take off this period; `documents` are how those
    of the invoices stood that are issued. Both are known only to who has read credit notes. `voided` are invoices that
    have billed of it and count no more.
    """

    own: Invoice
    adjusted_by: tuple[Invoice, ...]
    corrections: tuple[Correction, ...] = ()
    documents: tuple[Standing, ...] = ()
    voided: tuple[BilledDocument, ...] = ()

    @property
    def manifests(self) -> tuple[UsageManifest, ...]:
        """Everything that was read of the period, oldest first."""
        return tuple(manifest for one in self._live for manifest in _read_by(one, self.own.invoice_id))

    def has_read(self, late: SlotsRead) -> bool:
        return any(manifest.has_read_late(late) for manifest in self.manifests)

    @property
    def now(self) -> BilledLines:
        """Return everything that is billed of the period."""
        return self._of(self._live, self.corrections)

    @property
    def settled(self) -> BilledLines:
        """Return what was billed of it once the last invoice that adjusted it was issued: what its reading came to."""
        return self.as_of(self.last)

    @property
    def standing(self) -> BilledLines:
        """Return what is billed of it by now, without the corrections that no invoice has taken into account yet."""
        return self._counted(self._live)

    def as_of(self, at: Invoice) -> BilledLines:
        """Return what counted as billed of it when an invoice of the contract, of this period or another, was rated."""
        ever = sorted((*self._live, *(document.invoice for document in self.voided)), key=rated_order)
        return self._counted([one for one in ever if _counted_for(one, at)])

    @property
    def last(self) -> Invoice:
        """Return the invoice that was rated last of those that have read the period."""
        return self._live[-1]

    @property
    def has_lost(self) -> bool:
        """Whether something that the last invoice has counted was voided since."""
        return any(_counted_for(document.invoice, self.last) for document in self.voided)

    @property
    def uncounted(self) -> tuple[CreditNoteId, ...]:
        """Return the corrections that no invoice has taken into account yet."""
        counted = _counted_by(self._live, self.own.invoice_id)
        return tuple(one.credit_note_id for one in self.corrections if one.credit_note_id not in counted)

    @property
    def _live(self) -> tuple[Invoice, ...]:
        return tuple(sorted((self.own, *self.adjusted_by), key=rated_order))

    def _counted(self, invoices: Collection[Invoice]) -> BilledLines:
        gone = [one for one in self.voided if one.invoice in invoices]
        corrections = (*self.corrections, *corrections_of(gone, self.own.invoice_id))
        counted = _counted_by(invoices, self.own.invoice_id)
        return self._of(invoices, [one for one in corrections if one.credit_note_id in counted])

    def _of(self, invoices: Iterable[Invoice], corrections: Iterable[Correction]) -> BilledLines:
        return BilledLines(
            tuple(line for one in invoices for line in _of_period(self.own.invoice_id, one)),
            tuple(line for one in corrections for line in one.lines),
        )


def _counted_for(invoice: Invoice, at: Invoice) -> bool:
    return rated_order(invoice) <= rated_order(at) and was_live(invoice, at=at)


def _read_by(invoice: Invoice, own: InvoiceId) -> Iterator[UsageManifest]:
    if invoice.invoice_id == own:
        yield invoice.manifest
    yield from (one.manifest for one in invoice.adjusted if one.invoice_id == own)


def _counted_by(invoices: Iterable[Invoice], own: InvoiceId) -> frozenset[CreditNoteId]:
    again = (one for invoice in invoices for one in invoice.adjusted if one.invoice_id == own)
    return frozenset(credited for one in again for credited in one.credited)


def _of_period(own: InvoiceId, invoice: Invoice) -> Iterable[InvoiceLine]:
    return (line for line in invoice.own_lines if period_of(line, invoice) == own)


def _more(before: Billed, line: InvoiceLine, *, last: InvoiceLine) -> Billed:
    return Billed(EXACT.add(before.quantity, line.quantity), before.amount + line.amount, last)


def _is_of(line: InvoiceLine, fees: Container[LineName]) -> bool:
    if line.applied is None:
        return line.name in fees
    return line.applied.of_charge and charge_line(line.applied.target) in fees


def billed_periods(invoices: Sequence[Invoice]) -> tuple[BilledPeriod, ...]:
    """Return the periods of one contract's invoices, which are oldest first and have billed what they bill for good."""
    return tuple(BilledPeriod(own, _adjusting(own, invoices)) for own in invoices)


def corrected_periods(
    documents: Sequence[BilledDocument], *, voided: Sequence[BilledDocument] = ()
) -> tuple[BilledPeriod, ...]:
    """Return the same with all that was corrected by credit notes, and with what `voided` invoices had billed."""
    periods = billed_periods([one.invoice for one in documents])
    return tuple(_corrected(period, documents, voided) for period in periods)


def billed_by_others(own: InvoiceId, documents: Iterable[BilledDocument]) -> BilledLines:
    """Return what documents have billed, and taken off again, of the period of an invoice that is not one of them."""
    documents = tuple(documents)
    return BilledLines(
        tuple(line for one in documents for line in _of_period(own, one.invoice)),
        tuple(line for one in corrections_of(documents, own) for line in one.lines),
    )


def _adjusting(own: Invoice, invoices: Iterable[Invoice]) -> tuple[Invoice, ...]:
    others = (one for one in invoices if one.invoice_id != own.invoice_id)
    adjusting = (one for one in others if any(period.invoice_id == own.invoice_id for period in one.adjusted))
    return tuple(sorted(adjusting, key=rated_order))


def _corrected(
    period: BilledPeriod, documents: Iterable[BilledDocument], voided: Iterable[BilledDocument]
) -> BilledPeriod:
    own = period.own.invoice_id
    concerned = {own, *(one.invoice_id for one in period.adjusted_by)}
    live = [one for one in documents if one.invoice.invoice_id in concerned]
    return BilledPeriod(
        period.own,
        period.adjusted_by,
        corrections=tuple(corrections_of(live, own)),
        documents=tuple(one.standing for one in live if one.invoice.number is not None),
        voided=tuple(one for one in voided if any(_of_period(own, one.invoice))),
    )


def corrections_of(documents: Iterable[BilledDocument], own: InvoiceId) -> Iterator[Correction]:
    """Yield what corrects documents in the period of an invoice."""
    for document in documents:
        for one in document.corrections():
            lines = tuple(line for line in one.lines if period_of(line, document.invoice) == own)
            if lines:
                yield Correction(credit_note_id=one.credit_note_id, lines=lines)
