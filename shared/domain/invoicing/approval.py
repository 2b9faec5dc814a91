"""The approval policy: which invoices wait for whom, and whose word counts."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.invoice import ApprovalDecision, Invoice
from shared.domain.master_data.catalog import ApprovalPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """An execution that waits for a decision. The token lets anyone continue it: never log it."""

    invoice_id: InvoiceId
    revision: int
    approver: str
    requested_at: datetime
    task_token: str


class DecisionNotAllowedError(Exception):
    """Whoever decided may not decide this, or what they decided on is no longer what is asked."""


def needs_approval(invoice: Invoice, policy: ApprovalPolicy | None) -> bool:
    """Whether the gross amount reaches the policy's threshold.

    A policy that names no threshold for the invoice's currency sets no limit one could stay under: it waits.
    """
    if policy is None:
        return False
    limits = [limit for limit in policy.thresholds if limit.currency == invoice.gross.currency]
    return not limits or any(not invoice.gross < limit for limit in limits)


def check_decision(decision: ApprovalDecision, *, invoice: Invoice, request: ApprovalRequest) -> None:
    """Raise DecisionNotAllowedError unless the approver, who is not the preparer, decided on this very request."""
    if not request.approver or decision.decided_by != request.approver:
        raise DecisionNotAllowedError(f"{decision.decided_by} is not the approver of {invoice.invoice_id}")
    if decision.decided_by == invoice.prepared_by:
        raise DecisionNotAllowedError(f"{decision.decided_by} has prepared {invoice.invoice_id} and cannot approve it")
    if decision.decided_at < request.requested_at:
        raise DecisionNotAllowedError(f"{invoice.invoice_id} was drafted anew after the decision was taken")
