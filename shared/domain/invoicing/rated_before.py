"""Which documents of a contract counted when one of them was rated.

Bill runs are named by their times, and those of one contract that one bill run has rated follow their billing periods.
"""

from datetime import datetime

from shared.domain.invoicing.invoice import Invoice


def rated_order(invoice: Invoice) -> tuple[str, datetime]:
    """Return what invoices of one contract sort by as they were rated."""
    return invoice.prepared_by, invoice.billing_period.start


def was_live(document: Invoice, at: Invoice) -> bool:
    """Whether a document was not voided yet when another one of its contract was rated."""
    return document.voided is None or document.voided.number > at.voids_known
