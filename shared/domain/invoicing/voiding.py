"""Void an issued invoice: a credit note reverses it in whole, and once that is posted the next revision may be billed.

From the moment that the credit note is issued the invoice counts no more: nothing is rated, settled or adjusted by it.
Documents that were rated before keep what they have taken of it: each knows how many voids of its contract it has seen.
"""

from dataclasses import replace

from shared.domain.identifiers import CreditNoteId
from shared.domain.invoicing.invoice import Invoice, InvoiceState, Voided
from shared.domain.invoicing.revisions import MOST_REVISIONS
from shared.domain.invoicing.states import InvoiceTrigger, moved


def voiding(invoice: Invoice, *, voids_before: int, by: CreditNoteId) -> Invoice:
    """Return the invoice as it is from its reversal on; raise TransitionNotAllowedError for one that is not posted."""
    return replace(moved(invoice, InvoiceTrigger.VOID), voided=Voided(number=voids_before + 1, by=by))


def voided(invoice: Invoice) -> Invoice:
    """Return the invoice once its reversal is posted."""
    return moved(invoice, InvoiceTrigger.POST_REVERSAL)


def why_not_voided(invoice: Invoice) -> str:
    """Say why an issued invoice cannot be voided, or nothing."""
    if invoice.members:  # their bills would have to be voided with it
        return f"{invoice.number} has the lines of several contracts: take back by credit notes what is wrong"
    match invoice.state:
        case InvoiceState.VOIDING:
            return f"{invoice.number} is being voided: {_reversal(invoice)} reverses it, and is not posted yet"
        case InvoiceState.VOIDED:
            return f"{invoice.number} is voided already, by {_reversal(invoice)}"
        case InvoiceState.POSTED | InvoiceState.POSTING_FAILED if invoice.revision == MOST_REVISIONS:
            return f"{invoice.number} is revision {MOST_REVISIONS} of {invoice.invoice_id}, the last one there is"
        case InvoiceState.POSTED | InvoiceState.POSTING_FAILED:  # whoever asks has seen that its posting is settled
            return ""
        case state:
            return f"{invoice.number or invoice.invoice_id} is {state}: only what is posted is voided"


def _reversal(invoice: Invoice) -> str:
    return invoice.voided.by if invoice.voided else ""
