"""What invoices after this one have taken off its lines already: usage that comes late settles on the next invoice.

A negative delta credits the newest document first. So what later invoices have added to a line's name and billing
period is used up before they lower this one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, period_of
from shared.domain.invoicing.issuing import BILLED_STATES
from shared.domain.money import Money

NOTHING_LOWERED: Mapping[str, Money] = MappingProxyType({})


def lowered_later(invoice: Invoice, later: Iterable[Invoice]) -> Mapping[str, Money]:
    """Return what later bills of its contracts have taken off for good, by line id; negative where it lowers."""
    nothing = Money.zero(invoice.net.currency)
    changes: defaultdict[tuple[InvoiceId, str], Money] = defaultdict(lambda: nothing)
    for one in later:
        if one.state in BILLED_STATES:
            for line in one.own_lines:
                changes[_identity(one, line)] += line.amount
    lowered = {line.line_id: (line.amount, changes[_identity(invoice, line)]) for line in invoice.lines}
    return {name: change for name, (amount, change) in lowered.items() if amount.amount * change.amount < 0}


def _identity(invoice: Invoice, line: InvoiceLine) -> tuple[InvoiceId, str]:
    return period_of(line, invoice), line.name
