"""Credit what usage takes back and no invoice can: each document asks for nothing less than nothing.

Money rule 18: the newest document first, line by line of one name, at that document's tax rates, never beyond what is
left of it. What comes to less is set off against what comes to more in the same tax category. Only the rest is
credited; accounts are set right by the next invoice, if there is one. Credits that were given meanwhile count, whoever
gave them: so it can be worked out again at any time, and comes to what is still due.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.billed_document import BilledDocument
from shared.domain.invoicing.billed_period import BilledPeriod, LineName
from shared.domain.invoicing.credit_note import LineAmount, LinesCredit
from shared.domain.invoicing.credited_tax import Rate, rate_of
from shared.domain.invoicing.crediting import Left
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, PeriodAdjustment, period_of
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.invoicing.rated_before import rated_order, was_live
from shared.domain.metering.reading import UsageManifest
from shared.domain.money import Money, total

_Name: TypeAlias = tuple[InvoiceId, LineName]  # of a billing period by its own invoice, and within it


@dataclass(frozen=True, slots=True)
class Creditable:
    invoice: Invoice
    left: Left


@dataclass(frozen=True, slots=True)
class DueBack:
    """What is billed beyond what usage comes to at last, by line and by tax category; less than nothing is missing.

    `may_give` are the lines that usage changes at all. A fee gives nothing: what is off it would count as less fee.
    """

    lines: Mapping[_Name, Money]
    categories: Mapping[str, Money]
    may_give: frozenset[_Name]

    @property
    def is_settled(self) -> bool:
        return not any(amount.amount for amount in self.categories.values())


def left_over_by(own: InvoiceId, documents: Iterable[BilledDocument]) -> Invoice | None:
    """Return the invoice that has left a billing period over for credit notes, of all that may have read the period.

    None: the one that was rated last has taken it, or has billed it anew; or one of them is not final, or voided since,
    so that one is still to come which reads it.
    """
    documents = tuple(documents)
    readers = [one.invoice for one in documents if _has_read(one.invoice, own)]
    if not readers or any(one.state not in BILLED_STATES for one in readers):
        return None
    last = max(readers, key=rated_order)
    voided = (one.invoice for document in documents for one in document.reversed)
    if any(_has_read(one, own) and was_live(one, at=last) for one in voided):
        return None
    return last if any(one.adjusted.invoice_id == own for one in last.left_over) else None


def _has_read(invoice: Invoice, own: InvoiceId) -> bool:
    left = (one.adjusted for one in invoice.left_over)
    return invoice.invoice_id == own or any(one.invoice_id == own for one in (*left, *invoice.adjusted))


def due_back(left_over: Iterable[PeriodAdjustment], periods: Mapping[InvoiceId, BilledPeriod]) -> DueBack:
    """Return what an invoice left over of earlier periods, less what was corrected of them since it was drafted."""
    lines: dict[_Name, Money] = {}
    categories: dict[str, Money] = {}
    may_give: set[_Name] = set()
    for one in left_over:
        own = one.adjusted.invoice_id
        may_give.update((own, name) for name in periods[own].now.rated_by_usage())
        for line in (*one.lines, *_corrected_since(one, periods[own])):
            name, nothing = (own, line.name), Money.zero(line.amount.currency)
            lines[name] = lines.get(name, nothing) - line.amount
            categories[line.tax_category] = categories.get(line.tax_category, nothing) - line.amount
    return DueBack(lines, categories, frozenset(may_give))


def _corrected_since(left: PeriodAdjustment, period: BilledPeriod) -> Iterator[InvoiceLine]:
    """Yield what was credited, with its sign turned: that much less is due back. Fees are no matter of usage."""
    since = set(period.uncounted) - set(left.adjusted.credited)
    usage = period.now.rated_by_usage()
    for correction in period.corrections:
        if correction.credit_note_id in since:
            yield from (replace(line, amount=-line.amount) for line in correction.lines if line.name in usage)


def read_for_credits(own: InvoiceId, invoices: Iterable[Invoice]) -> Iterator[UsageManifest]:
    """Yield what invoices have read of a billing period and left over for credit notes."""
    left = (one.adjusted for invoice in invoices for one in invoice.left_over)
    return (one.manifest for one in left if one.invoice_id == own)


def next_credit(due: DueBack, documents: Sequence[Creditable]) -> tuple[Invoice, LinesCredit] | None:
    """Return what is to be credited of the newest of the documents that has any, given newest first; None of none.

    What has no line of its own name to be taken off is taken off any other line of the periods and tax category.
    """
    still = _StillDue(dict(due.lines), dict(due.categories), due.may_give)
    taking = [_Taking(one.invoice, dict(one.left.lines), dict(one.left.rates)) for one in documents]
    for by_name in (True, False):
        for one in taking:
            one.take(still, by_name=by_name)
    return next(((one.invoice, one.credit()) for one in taking if any(one.amounts())), None)


@dataclass(frozen=True, slots=True)
class _StillDue:
    lines: dict[_Name, Money]
    categories: dict[str, Money]
    may_give: frozenset[_Name]

    def of(self, name: _Name, left: Money, *, by_name: bool) -> Money:
        """Return how much of what is left of a line is due back: of its own name, or else whatever is not negative."""
        nothing = Money.zero(left.currency)
        if name not in self.may_give:
            return nothing
        if not by_name:
            return max(left, nothing)
        due = self.lines.get(name, nothing)
        if due.amount > 0:
            return max(min(due, left), nothing)
        return min(max(due, left), nothing)

    def less(self, name: _Name, category: str, amount: Money) -> None:
        if name in self.lines:
            self.lines[name] -= amount
        self.categories[category] -= amount


@dataclass(frozen=True, slots=True)
class _Taking:
    """What is taken of one document, of what is left of its lines and of each rate."""

    invoice: Invoice
    left: dict[str, Money]
    rates: dict[Rate, Money]
    taken: dict[str, Money] = field(default_factory=dict)

    def take(self, still: _StillDue, *, by_name: bool) -> None:
        for rate, category in dict.fromkeys((rate_of(line), line.tax_category) for line in self.invoice.lines):
            room = min(still.categories.get(category, self.rates[rate]), self.rates[rate])
            if category not in still.categories or room.amount <= 0:
                continue
            lines = [one for one in self.invoice.lines if (rate_of(one), one.tax_category) == (rate, category)]
            names = [(period_of(line, self.invoice), line.name) for line in lines]
            wanted = [
                still.of(name, self.left[line.line_id], by_name=by_name)
                for line, name in zip(lines, names, strict=True)
            ]
            for line, name, amount in zip(lines, names, _within(wanted, room), strict=True):
                self._take(line, amount)
                still.less(name, category, amount)

    def amounts(self) -> Iterator[LineAmount]:
        return (LineAmount(line_id, amount) for line_id, amount in self.taken.items() if amount.amount)

    def credit(self) -> LinesCredit:
        return LinesCredit(tuple(self.amounts()))

    def _take(self, line: InvoiceLine, amount: Money) -> None:
        before = self.taken.get(line.line_id, Money.zero(amount.currency))
        self.taken[line.line_id] = before + amount
        self.left[line.line_id] -= amount
        self.rates[rate_of(line)] -= amount


def _within(amounts: Sequence[Money], room: Money) -> Sequence[Money]:
    """Return the amounts, none greater, so that together they are at least nothing and fit into the room."""
    nothing = Money.zero(room.currency)
    if total(amounts, room.currency) < nothing:
        amounts = [max(amount, nothing) for amount in amounts]
    beyond = max(total(amounts, room.currency) - room, nothing)
    within: list[Money] = []
    for amount in reversed(amounts):
        cut = min(max(amount, nothing), beyond)
        beyond -= cut
        within.append(amount - cut)
    return within[::-1]
