"""Where bill runs keep what they selected and what they claimed."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId, BillRunSelection, InvoiceClaim


class BillRuns(Protocol):
    def selection(self, bill_run_id: BillRunId) -> BillRunSelection | None: ...

    def add_batch(self, bill_run_id: BillRunId, accounts: Sequence[BillingAccount]) -> str:
        """Store a batch and return its name, which is made of its content: the same batch twice is stored once."""

    def batch(self, bill_run_id: BillRunId, name: str) -> tuple[BillingAccount, ...]:
        """Return a stored batch; raises KeyError for one that is not there."""

    def save_selection(self, selection: BillRunSelection) -> BillRunSelection:
        """Store the selection unless the bill run has one; return the one that counts."""


class ClaimTakenError(Exception):
    """Another bill run was faster. Nothing was stored: read the claim again."""


class InvoiceClaims(Protocol):
    def read(self, invoice_id: InvoiceId, revision: int) -> InvoiceClaim | None: ...

    def take(self, claim: InvoiceClaim) -> None:
        """Store a claim whose attempt is one above the stored one's (none for 1), or raise ClaimTakenError.

        Taking what one has already taken changes nothing.
        """
