"""Requests for approval and the executions that wait for them, in memory."""

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.approval import ApprovalRequest


class InMemoryApprovalRequests:
    def __init__(self) -> None:
        self._requests: dict[tuple[InvoiceId, int], ApprovalRequest] = {}

    def save(self, request: ApprovalRequest) -> None:
        self._requests[request.invoice_id, request.revision] = request

    def read(self, invoice_id: InvoiceId, revision: int) -> ApprovalRequest | None:
        return self._requests.get((invoice_id, revision))


class InMemoryApprovalCallbacks:
    def __init__(self) -> None:
        self.answers: dict[str, bool] = {}

    def answer(self, task_token: str, *, approved: bool) -> None:
        self.answers.setdefault(task_token, approved)
