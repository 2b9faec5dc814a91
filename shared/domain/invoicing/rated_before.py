"""Which documents of a contract counted when one of them was rated.

Bill runs are named by their times, and those of one contract that one bill run has rated follow their billing periods.
"""

from datetime import datetime

from shared.domain.invoicing.invoice import Invoice, InvoiceLine


def rated_order(invoice: Invoice) -> tuple[str, datetime]:
    """Return what invoices of one contract sort by as they were rated."""
    return invoice.prepared_by, invoice.billing_period.start


def was_live(document: Invoice, at: Invoice) -> bool:
    """Whether a document was not voided yet when another one of its contract was rated."""
    return _was_live(document, at.voids_known)


def was_live_for(line: InvoiceLine, on: Invoice, document: Invoice) -> bool:
    """Whether a document was not voided yet when a line of its contract was rated, whoever's invoice it is on."""
    known = {one.contract_id: one.voids_known for one in on.members}
    return _was_live(document, on.voids_known if line.contract_id is None else known[line.contract_id])


def _was_live(document: Invoice, voids_known: int) -> bool:
    return document.voided is None or document.voided.number > voids_known
