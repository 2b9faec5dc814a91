"""Requests for approval that executions wait on, and the answer to a waiting execution."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.approval import ApprovalRequest
from shared.domain.invoicing.invoice import ApprovalDecision


class ApprovalRequestChangedError(Exception):
    """It was asked anew since it was read. Nothing was stored."""


class ApprovalRequests(Protocol):
    def save(self, request: ApprovalRequest) -> None:
        """Store the request; the newest of an invoice's revision counts."""

    def read(self, invoice_id: InvoiceId, revision: int) -> ApprovalRequest | None: ...

    def due(self, now: datetime) -> Iterator[ApprovalRequest]:
        """Yield every request saved that was due by then, as it was saved, until it is set aside.

        It may have been decided, asked anew or updated since.
        """

    def update(self, before: ApprovalRequest, after: ApprovalRequest) -> None:
        """Store `after` in place of `before`, or raise ApprovalRequestChangedError. Done twice, it is done once."""

    def set_aside(self, request: ApprovalRequest) -> None:
        """Let due() not yield it again."""


class ApprovalDecisions(Protocol):
    def send(self, invoice_id: InvoiceId, revision: int, decision: ApprovalDecision) -> None:
        """Hand a decision over durably, as an approver does; sent twice, it is taken once."""


class ApprovalCallbacks(Protocol):
    def answer(self, task_token: str, *, approved: bool) -> None:
        """Let the waiting execution go on. One that waits no longer was answered before: that is fine."""
