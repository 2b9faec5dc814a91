"""Where bill runs keep what they selected and what they claimed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId, BillRunSelection, InvoiceClaim
from shared.domain.invoicing.bill_run_record import BillRunApproval, BillRunRecord


class BillRuns(Protocol):
    def selection(self, bill_run_id: BillRunId) -> BillRunSelection | None: ...

    def add_batch(self, bill_run_id: BillRunId, accounts: Sequence[BillingAccount]) -> str:
        """Store a batch and return its name, which is made of its content: the same batch twice is stored once."""

    def batch(self, bill_run_id: BillRunId, name: str) -> tuple[BillingAccount, ...]:
        """Return a stored batch; raises KeyError for one that is not there."""

    def save_selection(self, selection: BillRunSelection) -> BillRunSelection:
        """Store the selection unless the bill run has one; return the one that counts."""


class BillRunRecords(Protocol):
    def newest(self, most: int) -> Iterator[BillRunId]:
        """Yield the names of the newest bill runs that have a selection, newest first."""

    def read(self, bill_run_id: BillRunId) -> BillRunRecord | None: ...

    def save(self, record: BillRunRecord) -> None:
        """Store what became of a bill run in place of what was stored of it."""

    def approval(self, bill_run_id: BillRunId) -> BillRunApproval | None: ...

    def approve(self, bill_run_id: BillRunId, approval: BillRunApproval) -> BillRunApproval:
        """Store the approval unless the bill run has one; return the one that counts."""


class ClaimTakenError(Exception):
    """Another bill run was faster. Nothing was stored: read the claim again."""


class InvoiceClaims(Protocol):
    def read(self, invoice_id: InvoiceId, revision: int) -> InvoiceClaim | None: ...

    def read_many(self, invoice_ids: Collection[InvoiceId], revision: int) -> Mapping[InvoiceId, InvoiceClaim]:
        """Return those claims that exist."""

    def take(self, claim: InvoiceClaim) -> None:
        """Store a claim whose attempt is one above the stored one's (none for 1), or raise ClaimTakenError.

        Taking what one has already taken changes nothing.
        """
