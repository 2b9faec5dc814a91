"""An invoice as it stands: with its credit notes, of which those that correct take off what its lines bill."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from shared.domain.identifiers import CreditNoteId
from shared.domain.invoicing.credit_note import CreditNote, CreditNoteState, CreditPurpose
from shared.domain.invoicing.invoice import Invoice, InvoiceLine
from shared.domain.invoicing.issuing import REVERSED_STATES
from shared.domain.invoicing.standing import Standing
from shared.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What one credit note takes off lines that invoices have billed: lines of their own, without a quantity."""

    credit_note_id: CreditNoteId
    lines: tuple[InvoiceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledDocument:
    """`credit_notes` are those of the invoice's revision that are issued, in the order of their numbers.

    `before` are the revisions before it, oldest first: all of them are voided.
    A member's bill stands as the invoice that it is on, with the credit notes of that.
    """

    invoice: Invoice
    standing: Standing
    credit_notes: tuple[CreditNote, ...] = ()
    before: tuple["BilledDocument", ...] = ()

    @property
    def reversed(self) -> tuple["BilledDocument", ...]:
        """Return the revisions that count no more."""
        return (*self.before, self) if self.invoice.state in REVERSED_STATES else self.before

    def corrections(self) -> Iterator[Correction]:
        lines = {self.invoice.id_on_invoice(line): line for line in self.invoice.own_lines}
        for note in self.credit_notes:
            if _corrects(note):
                own = (one for one in note.credited.lines if one.line_id in lines)
                taken = tuple(_taken_off(lines[one.line_id], one.amount) for one in own)
                yield Correction(credit_note_id=note.credit_note_id, lines=taken)

    def corrected(self) -> Invoice:
        """Return the invoice with what corrections have left of its lines; of its sums nothing is changed."""
        taken: defaultdict[str, Money] = defaultdict(lambda: Money.zero(self.invoice.net.currency))
        for line in (line for one in self.corrections() for line in one.lines):
            taken[line.line_id] += line.amount
        lines = tuple(replace(line, amount=line.amount + taken[line.line_id]) for line in self.invoice.lines)
        return replace(self.invoice, lines=lines)


def with_before(before: BilledDocument | None, document: BilledDocument) -> BilledDocument:
    """Return a revision of an invoice with the one before it, if there is any."""
    return replace(document, before=(*before.before, before)) if before else document


def _corrects(note: CreditNote) -> bool:
    return note.state is CreditNoteState.ISSUED and note.request.purpose is CreditPurpose.CORRECTION


def _taken_off(line: InvoiceLine, credited: Money) -> InvoiceLine:
    return replace(line, quantity=Decimal(0), parts=(), precise_amount=-credited.amount, amount=-credited, tax=None)
