"""Bill a period anew whose invoice was voided.

What it comes to is rated as for the first time. Later invoices may have adjusted it; their lines stand, and so the new
invoice bills what is final beyond them, by each line's name.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.adjustments import OwnLines, without_anything
from shared.domain.invoicing.billed_document import BilledDocument
from shared.domain.invoicing.billed_period import Billed, LineName, billed_by_others, corrections_of
from shared.domain.invoicing.invoice import AdjustedPeriod, Adjustment, InvoiceLine
from shared.domain.invoicing.kept_back import kept_back_by
from shared.domain.metering.reading import UsageManifest
from shared.domain.money import EXACT


@dataclass(frozen=True, slots=True)
class Rebilled:
    """The lines of a period that is billed anew, and what the new invoice has taken into account; None: nothing."""

    own: OwnLines
    adjusted: AdjustedPeriod | None


def rebilled(
    own_invoice: InvoiceId,
    own: OwnLines,
    later: Sequence[BilledDocument],
    *,
    voided: Iterable[BilledDocument],
    manifest: UsageManifest,
) -> Rebilled:
    """Return what of the final lines is beyond what `later` invoices have billed of the period.

    What such invoices that are `voided` have told of it ends with it, too.
    """
    concerned = [one for one in later if any(billed_by_others(own_invoice, [one]).invoiced)]
    was_kept_back = any(own_invoice in kept_back_by(one.invoice) for one in (*later, *voided))
    if not concerned and not was_kept_back:
        return Rebilled(own, None)
    billed = billed_by_others(own_invoice, concerned).rated_by_usage()
    beyond = OwnLines(
        taking=tuple(_beyond(own.taking, billed, own_invoice)),
        without=tuple(_beyond(own.without, billed, own_invoice)),
        together=own.together,
        most=own.most,
    )
    adjusted = AdjustedPeriod(
        invoice_id=own_invoice,
        manifest=manifest,
        was_kept_back=was_kept_back,
        documents=tuple(one.standing for one in concerned),
        credited=tuple(one.credit_note_id for one in corrections_of(concerned, own_invoice)),
    )
    return Rebilled(beyond, adjusted)


def _beyond(
    final: Collection[InvoiceLine], billed: Mapping[LineName, Billed], own_invoice: InvoiceId
) -> Iterator[InvoiceLine]:
    names = {line.name for line in final}
    gone = (without_anything(before.last) for name, before in billed.items() if name not in names)
    for line in (*final, *gone):
        before = billed.get(line.name)
        rest = line if before is None else _less(line, before, own_invoice)
        if before is None or rest.quantity or rest.amount.amount:
            yield rest


def _less(line: InvoiceLine, before: Billed, own_invoice: InvoiceId) -> InvoiceLine:
    rest = replace(
        line,
        quantity=EXACT.subtract(line.quantity, before.quantity),
        amount=line.amount - before.amount,
        adjusts=Adjustment(invoice_id=own_invoice, invoice_number=None, quantity=before.quantity, amount=before.amount),
    )
    if rest.amount.amount < 0:  # what was taxed and booked one way is not given back in another
        return replace(rest, product_id=before.last.product_id, tax_category=before.last.tax_category)
    return rest
