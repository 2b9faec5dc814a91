"""Record a decision, once, with the invoice; only then let the waiting execution go on."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.approval import ApprovalRequest, DecisionNotAllowedError, asked_of, check_decision
from shared.domain.invoicing.invoice import ApprovalDecision, Invoice, InvoiceState
from shared.domain.invoicing.states import InvoiceTrigger, moved
from shared.ports.approvals import ApprovalCallbacks, ApprovalRequests
from shared.ports.exceptions import ExceptionReporter
from shared.ports.invoices import Invoices
from shared.ports.master_data import MasterData


class NoApprovalRequestedError(LookupError):
    """Nobody asked for this decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRecorder:
    invoices: Invoices
    requests: ApprovalRequests
    callbacks: ApprovalCallbacks
    exceptions: ExceptionReporter
    master_data: MasterData

    def record(self, invoice_id: InvoiceId, revision: int, decision: ApprovalDecision) -> Invoice:
        """Return the decided invoice. The same decision again changes nothing.

        Raises NoApprovalRequestedError, and DecisionNotAllowedError for whoever may not decide or contradicts what is
        decided; such a message ends in the dead-letter queue, and so before a person.
        """
        stored = self.invoices.read(invoice_id, revision)
        request = self.requests.read(invoice_id, revision)
        if stored is None or request is None:
            raise NoApprovalRequestedError(invoice_id)
        invoice = stored.invoice
        if invoice.approval is None:
            check_decision(decision, invoice=invoice, request=self._as_of_now(request, invoice))
            trigger = InvoiceTrigger.APPROVE if decision.approved else InvoiceTrigger.REJECT
            invoice = replace(moved(invoice, trigger), approval=decision)
            raised = stored.raised if decision.approved else (*stored.raised, ExceptionCode.APPROVAL_REJECTED)
            decided = replace(stored, invoice=invoice, version=stored.version + 1, raised=tuple(dict.fromkeys(raised)))
            self.invoices.save(decided)
        elif invoice.approval != decision:
            raise DecisionNotAllowedError(f"{invoice_id} was decided by {invoice.approval.decided_by} before")
        self._announce(invoice, decision, request, raised=stored.raised)
        return invoice

    def _as_of_now(self, request: ApprovalRequest, invoice: Invoice) -> ApprovalRequest:
        self.master_data.version()
        entity = self.master_data.legal_entity(invoice.legal_entity_id)
        return asked_of(entity.approval if entity else None, request)

    def _announce(
        self,
        invoice: Invoice,
        decision: ApprovalDecision,
        request: ApprovalRequest,
        *,
        raised: Collection[ExceptionCode],
    ) -> None:
        if invoice.state is InvoiceState.REJECTED:
            self.exceptions.report([_rejection(invoice, decision)])
        verb = "approved" if decision.approved else "rejected"
        overdue = ExceptionCode.APPROVAL_OVERDUE
        for code in (ExceptionCode.APPROVAL_PENDING, *([overdue] if overdue in raised else [])):
            exception = exception_id(code, invoice.invoice_id)
            self.exceptions.resolve(exception, f"{verb} by {decision.decided_by}", decision.decided_at)
        self.callbacks.answer(request.task_token, approved=decision.approved)


def _rejection(invoice: Invoice, decision: ApprovalDecision) -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.APPROVAL_REJECTED, invoice.invoice_id),
        tenant=invoice.tenant,
        code=ExceptionCode.APPROVAL_REJECTED,
        subject=invoice.invoice_id,
        message=f"{decision.decided_by} rejected {invoice.gross} to {invoice.buyer_id}: {decision.reason}",
        raised_at=decision.decided_at,
        detail={
            "invoice_id": invoice.invoice_id,
            "revision": str(invoice.revision),
            "amount": str(invoice.gross),
            "decided_by": decision.decided_by,
            "catalog_version": invoice.catalog_version,
        },
    )
