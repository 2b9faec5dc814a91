"""What voiding an invoice takes beyond crediting all that is left of it."""

from dataclasses import replace

from functions.issue_credit_note.crediting import Crediting
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.crediting import CreditRefusedError
from shared.domain.invoicing.voiding import voiding, why_not_voided
from shared.ports.invoices import StoredInvoice


def require_voidable(of: Crediting) -> None:
    """Raise CreditRefusedError, with the reason, for an invoice that cannot be voided."""
    if why := why_not_voided(of.invoice):
        raise CreditRefusedError(why)
    if of.invoice_in_erp is None:
        return
    closed_through = of.entity.closed_through
    if closed_through is not None and of.posted_on <= closed_through:
        raise CreditRefusedError(
            f"{of.invoice.number} was posted on {of.posted_on}, and {of.entity.legal_entity_id} is closed through"
            f" {closed_through}: what is filed is not voided; credit it, as a correction"
        )


def as_voided(of: Crediting, note: CreditNote, *, voids_before: int) -> StoredInvoice:
    """Return the invoice as the credit note leaves it."""
    invoice = voiding(of.invoice, voids_before=voids_before, by=note.credit_note_id)
    return replace(of.stored, invoice=invoice, version=of.stored.version + 1)
