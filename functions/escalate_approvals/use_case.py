"""Escalate requests for approval that are overdue. Time decides nothing: only who may decide changes."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.invoicing.approval import ApprovalRequest, escalated
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.ports.approvals import ApprovalRequestChangedError, ApprovalRequests
from shared.ports.exceptions import ExceptionReporter
from shared.ports.invoices import InvoiceChangedError, Invoices, StoredInvoice


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEscalator:
    invoices: Invoices
    requests: ApprovalRequests
    exceptions: ExceptionReporter

    def escalate_overdue(self, now: datetime) -> int:
        """Return how many requests were escalated. What was decided or asked anew meanwhile is left alone."""
        return sum(self._escalate(request, now) for request in self.requests.due(now))

    def _escalate(self, request: ApprovalRequest, now: datetime) -> bool:
        stored = self.invoices.read(request.invoice_id, request.revision)
        waits = stored is not None and stored.invoice.state is InvoiceState.AWAITING_APPROVAL
        if stored is None or not waits or self.requests.read(request.invoice_id, request.revision) != request:
            self.requests.set_aside(request)
            return False
        try:
            self._remember(stored)
            # Told before it is marked: whoever dies in between finds it unmarked and tells it again.
            self.exceptions.report([_overdue(stored.invoice, request, now)])
            self.requests.update(request, escalated(request, at=now))
        except (InvoiceChangedError, ApprovalRequestChangedError):
            return False  # decided or asked anew just now: the next time finds out which
        self.requests.set_aside(request)
        return True

    def _remember(self, stored: StoredInvoice) -> None:
        """Store with the invoice what is raised about it, so that whoever settles the invoice closes it."""
        if ExceptionCode.APPROVAL_OVERDUE not in stored.raised:
            raised = (*stored.raised, ExceptionCode.APPROVAL_OVERDUE)
            self.invoices.save(replace(stored, raised=raised, version=stored.version + 1))


def _overdue(invoice: Invoice, request: ApprovalRequest, now: datetime) -> ExceptionRecord:
    who = f"{request.second_approver} may decide too" if request.second_approver else "no second approver is named"
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.APPROVAL_OVERDUE, invoice.invoice_id),
        tenant=invoice.tenant,
        code=ExceptionCode.APPROVAL_OVERDUE,
        subject=invoice.invoice_id,
        message=(
            f"{invoice.gross} to {invoice.buyer_id} waits for {request.approver or 'an unnamed approver'}"
            f" since {request.requested_at:%Y-%m-%d %H:%M} UTC; {who}"
        ),
        raised_at=now,
        detail={
            "invoice_id": invoice.invoice_id,
            "revision": str(invoice.revision),
            "amount": str(invoice.gross),
            "approver": request.approver,
            "second_approver": request.second_approver,
            "reasons": "; ".join(request.reasons),
        },
    )
