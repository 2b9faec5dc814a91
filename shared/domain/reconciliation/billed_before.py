"""What was billed of a line's name and billing period when the line was rated: lines less what corrects them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from shared.domain.identifiers import CreditNoteId, InvoiceId
from shared.domain.invoicing.billed_document import BilledDocument
from shared.domain.invoicing.billed_period import LineName
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceRevision, period_of
from shared.domain.invoicing.rated_before import rated_order, was_live_for
from shared.domain.invoicing.standing import Standing
from shared.domain.money import Money, total

LineOfPeriod: TypeAlias = tuple[InvoiceId, LineName]  # of a billing period by its own invoice, and within it


@dataclass(frozen=True, slots=True)
class TakenOff:
    """What a credit note takes off a line of a bill, less than nothing; `since` is the first rating that counted it."""

    bill: Invoice
    amount: Money
    since: tuple[str, datetime]


NOTHING_TAKEN_OFF: Mapping[LineOfPeriod, Sequence[TakenOff]] = MappingProxyType({})


def taken_off(
    bills: Sequence[Invoice], credit_notes: Iterable[CreditNote]
) -> Mapping[LineOfPeriod, Sequence[TakenOff]]:
    """Return what corrections have taken off lines of bills, as far as a bill was rated that counts them.

    `bills` are all revisions that there are, with the bills of members.
    """
    since: dict[CreditNoteId, tuple[str, datetime]] = {}
    for bill in sorted(bills, key=rated_order, reverse=True):
        since |= dict.fromkeys((note for one in bill.adjusted for note in one.credited), rated_order(bill))
    notes: defaultdict[InvoiceRevision, list[CreditNote]] = defaultdict(list)
    for note in credit_notes:
        notes[InvoiceRevision(note.request.invoice_id, note.request.revision)].append(note)
    taken: defaultdict[LineOfPeriod, list[TakenOff]] = defaultdict(list)
    for bill in {(one.invoice_id, one.revision): one for one in bills}.values():
        of = bill.consolidated_on or InvoiceRevision(bill.invoice_id, bill.revision)
        stood = Standing(invoice_id=of.invoice_id, revision=of.revision)
        for one in BilledDocument(invoice=bill, standing=stood, credit_notes=tuple(notes[of])).corrections():
            for line in one.lines if one.credit_note_id in since else ():
                counted = TakenOff(bill, line.amount, since[one.credit_note_id])
                taken[period_of(line, bill), line.name].append(counted)
    return taken


def with_what_was_billed_before(
    invoices: Iterable[Invoice], taken: Mapping[LineOfPeriod, Sequence[TakenOff]]
) -> Iterator[tuple[InvoiceLine, Money]]:
    """Yield each line, and what lines that counted when it was rated have billed by its name and billing period."""
    billed: defaultdict[LineOfPeriod, list[tuple[Invoice, Money]]] = defaultdict(list)
    for invoice in sorted(invoices, key=rated_order):
        for line in invoice.lines:
            name = period_of(line, invoice), line.name
            before = (amount for one, amount in billed[name] if was_live_for(line, invoice, one))
            off = (
                one.amount
                for one in taken.get(name, ())
                if one.since <= rated_order(invoice) and was_live_for(line, invoice, one.bill)
            )
            yield line, total((*before, *off), line.amount.currency)
            billed[name].append((invoice, line.amount))
