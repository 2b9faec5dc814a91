"""What the repair of a refused posting writes, all of it or nothing."""

from typing import Protocol

from shared.domain.posting.repair import Adopted, Replaced
from shared.ports.invoices import StoredInvoice


class PostingRepairs(Protocol):
    """`invoice` is the one whose posting it is; a credit note's state does not tell how it is posted.

    Every write expects stored versions one below the given ones'; else it raises StaleIntentError
    (ports.posting_intents), and nothing is stored.
    """

    def replace(self, repair: Replaced, invoice: StoredInvoice | None) -> None:
        """Store the refused posting and the one in its place, which its accounting period counts from now on.

        The next bill run looks at the invoice again. Raises AccountingPeriodClosedError (ports.posting_intents) where
        the period takes no new postings.
        """

    def adopt(self, repair: Adopted, invoice: StoredInvoice | None) -> None:
        """Store a posting that was found posted."""
