"""Close an invoice's lifecycle: it is posted, or its posting was refused and waits in the exceptions."""

from dataclasses import replace

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.issuing import REVERSED_STATES
from shared.domain.invoicing.states import InvoiceTrigger, moved
from shared.domain.posting.compose import posting_id
from shared.domain.posting.intent import IntentState
from shared.ports.invoices import Invoices
from shared.ports.posting_intents import PostingIntents

UNPOSTED_STATES = frozenset({IntentState.REJECTED, IntentState.CANCELLED})


class InvoiceNotFoundError(LookupError):
    """There is no such invoice."""


class PostingNotSettledError(ValueError):
    """A posting that is still under way completes nothing."""


def complete_invoice(
    invoice_id: InvoiceId, revision: int, *, posting_state: IntentState, invoices: Invoices, intents: PostingIntents
) -> Invoice:
    """Return the invoice in its last state; completing it again returns the same. What is cancelled was not posted.

    A refusal that was repaired meanwhile is not noted any more: the posting in its place is still to settle.
    """
    if not posting_state.settled:
        raise PostingNotSettledError(posting_state)
    stored = invoices.read(invoice_id, revision)
    if stored is None:
        raise InvoiceNotFoundError(invoice_id)
    is_posted = posting_state is IntentState.POSTED
    done = {InvoiceState.POSTED if is_posted else InvoiceState.POSTING_FAILED, *REVERSED_STATES}
    if stored.invoice.state in done:
        return stored.invoice
    if not is_posted and intents.chain(posting_id(invoice_id, revision))[-1].state not in UNPOSTED_STATES:
        return stored.invoice
    completed = moved(stored.invoice, InvoiceTrigger.POST if is_posted else InvoiceTrigger.FAIL_POSTING)
    invoices.save(replace(stored, invoice=completed, version=stored.version + 1))
    return completed
