"""Revisions of an invoice: a voided one is billed anew by the next. At most one is live, which is not voided."""

from shared.domain.invoicing.invoice import Invoice, InvoiceState

FIRST_REVISION = 1
MOST_REVISIONS = 20  # people ask for each of them


def revision_to_bill(newest: Invoice | None) -> int:
    """Return the revision that a bill run works on, given the newest one that exists."""
    if newest is None:
        return FIRST_REVISION
    return newest.revision + 1 if newest.state is InvoiceState.VOIDED else newest.revision
