"""Requests for approval that executions wait on, and the answer to a waiting execution."""

from typing import Protocol

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.approval import ApprovalRequest


class ApprovalRequests(Protocol):
    def save(self, request: ApprovalRequest) -> None:
        """Store the request; the newest of an invoice's revision counts."""

    def read(self, invoice_id: InvoiceId, revision: int) -> ApprovalRequest | None: ...


class ApprovalCallbacks(Protocol):
    def answer(self, task_token: str, *, approved: bool) -> None:
        """Let the waiting execution go on. One that waits no longer was answered before: that is fine."""
