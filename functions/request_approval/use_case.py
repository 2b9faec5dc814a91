"""Ask for an approval: keep the token of the execution that waits, and open an exception for the approver."""

from dataclasses import dataclass

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.approval import requested
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.ports.approvals import ApprovalCallbacks, ApprovalRequests
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.invoices import Invoices
from shared.ports.master_data import MasterData


class InvoiceNotFoundError(LookupError):
    """There is no such invoice, or the published master data does not know its legal entity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequester:
    invoices: Invoices
    master_data: MasterData
    requests: ApprovalRequests
    callbacks: ApprovalCallbacks
    exceptions: ExceptionReporter
    clock: Clock

    def request(self, invoice_id: InvoiceId, revision: int, *, task_token: str) -> None:
        """Ask, or answer at once where a decision is there already: a repeat brings a token that nobody else knows."""
        invoice = self._invoice(invoice_id, revision)
        if invoice.state is InvoiceState.AWAITING_APPROVAL:
            self._ask(invoice, task_token)
            # A decision that came in between has answered the token before this one.
            invoice = self._invoice(invoice_id, revision)
        if invoice.state is not InvoiceState.AWAITING_APPROVAL:
            self.callbacks.answer(task_token, approved=invoice.state is not InvoiceState.REJECTED)

    def _ask(self, invoice: Invoice, task_token: str) -> None:
        self.master_data.version()
        entity = self.master_data.legal_entity(invoice.legal_entity_id)
        if entity is None:
            raise InvoiceNotFoundError(invoice.legal_entity_id)
        now = self.clock.now()
        request = requested(invoice, entity.approval, task_token=task_token, requested_at=now)
        self.requests.save(request)
        reasons, approver = "; ".join(request.reasons), request.approver or "an unnamed approver"
        record = ExceptionRecord(
            exception_id=exception_id(ExceptionCode.APPROVAL_PENDING, invoice.invoice_id),
            tenant=invoice.tenant,
            code=ExceptionCode.APPROVAL_PENDING,
            subject=invoice.invoice_id,
            message=f"{invoice.gross} to {invoice.buyer_id} waits for {approver}: {reasons}",
            raised_at=now,
            detail={
                "invoice_id": invoice.invoice_id,
                "revision": str(invoice.revision),
                "amount": str(invoice.gross),
                "approver": request.approver,
                "reasons": reasons,
                "prepared_by": invoice.prepared_by,
            },
        )
        self.exceptions.report([record])

    def _invoice(self, invoice_id: InvoiceId, revision: int) -> Invoice:
        stored = self.invoices.read(invoice_id, revision)
        if stored is None:
            raise InvoiceNotFoundError(invoice_id)
        return stored.invoice
