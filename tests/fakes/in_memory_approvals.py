"""Requests for approval and the executions that wait for them, in memory."""

from collections.abc import Iterator
from datetime import datetime

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.approval import ApprovalRequest
from shared.domain.invoicing.invoice import ApprovalDecision
from shared.ports.approvals import ApprovalRequestChangedError


class InMemoryApprovalRequests:
    def __init__(self) -> None:
        self._requests: dict[tuple[InvoiceId, int], ApprovalRequest] = {}
        self._due: dict[tuple[datetime, InvoiceId, int], ApprovalRequest] = {}

    def save(self, request: ApprovalRequest) -> None:
        if request.due_at is not None:
            self._due[request.due_at, request.invoice_id, request.revision] = request
        self._requests[request.invoice_id, request.revision] = request

    def read(self, invoice_id: InvoiceId, revision: int) -> ApprovalRequest | None:
        return self._requests.get((invoice_id, revision))

    def due(self, now: datetime) -> Iterator[ApprovalRequest]:
        return iter([request for (due_at, *_), request in sorted(self._due.items()) if due_at <= now])

    def update(self, before: ApprovalRequest, after: ApprovalRequest) -> None:
        if self.read(after.invoice_id, after.revision) not in (before, after):
            raise ApprovalRequestChangedError(after.invoice_id)
        self._requests[after.invoice_id, after.revision] = after

    def set_aside(self, request: ApprovalRequest) -> None:
        if request.due_at is not None:
            self._due.pop((request.due_at, request.invoice_id, request.revision), None)


class InMemoryApprovalDecisions:
    def __init__(self) -> None:
        self.sent: list[tuple[InvoiceId, int, ApprovalDecision]] = []

    def send(self, invoice_id: InvoiceId, revision: int, decision: ApprovalDecision) -> None:
        self.sent.append((invoice_id, revision, decision))


class InMemoryApprovalCallbacks:
    def __init__(self) -> None:
        self.answers: dict[str, bool] = {}

    def answer(self, task_token: str, *, approved: bool) -> None:
        self.answers.setdefault(task_token, approved)
