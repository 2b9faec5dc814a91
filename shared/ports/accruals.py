"""The journals that accrue the revenue of a posted invoice."""

from typing import Protocol

from shared.domain.posting.accrual import Accrual
from shared.domain.posting.intent import PostingIntent


class Accruals(Protocol):
    def book(self, posted: PostingIntent, accrual: Accrual) -> None:
        """Store the invoice's posting as seen to, and both journals, which their accounting periods count; or nothing.

        Raises StaleIntentError (ports.posting_intents) where the posting is not as it was, AccountingPeriodClosedError
        where the general ledger of either month takes nothing new.
        """
