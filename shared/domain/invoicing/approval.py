"""The approval policy at work: which invoices wait for whom and why, and whose word counts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.invoice import ApprovalDecision, Invoice
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.approval_policy import ApprovalPolicy, Deviation
from shared.domain.money import Money, total
from shared.domain.rating.adjustments.lines import AdjustmentKind


class ApprovalReason(StrEnum):
    """Why a person looks at an invoice: codes of issues that stop nothing."""

    AMOUNT_REACHES_THRESHOLD = "AMOUNT_REACHES_THRESHOLD"
    AMOUNT_WITHOUT_THRESHOLD = "AMOUNT_WITHOUT_THRESHOLD"
    AMOUNT_DEVIATES = "AMOUNT_DEVIATES"
    FIRST_INVOICE = "FIRST_INVOICE"
    MANUAL_ADJUSTMENT = "MANUAL_ADJUSTMENT"


# What a person agrees with one customer beyond the price book, one by one.
MANUAL_KINDS = frozenset({AdjustmentKind.FIXED_DISCOUNT, AdjustmentKind.CREDIT, AdjustmentKind.CREDIT_BALANCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceHistory:
    """What was issued before: gross amounts of the contract's last periods, and whether the customer has any at all."""

    of_contract: tuple[Money, ...] = ()
    of_customer: bool = False


NO_HISTORY = InvoiceHistory()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """An execution that waits for a decision. The token lets anyone continue it: never log it.

    `reasons` are shown to the approver. Past `due_at` the request is escalated: from `escalated_at` on
    `second_approver` may decide too. Nothing is ever decided by the passing of time.
    """

    invoice_id: InvoiceId
    revision: int
    approver: str
    requested_at: datetime
    task_token: str
    reasons: tuple[str, ...] = ()
    second_approver: str = ""
    due_at: datetime | None = None
    escalated_at: datetime | None = None

    @property
    def approvers(self) -> tuple[str, ...]:
        """Who may decide now."""
        second = self.second_approver if self.escalated_at is not None else ""
        return tuple(name for name in (self.approver, second) if name)


class DecisionNotAllowedError(Exception):
    """Whoever decided may not decide this, or what they decided on is no longer what is asked."""


def approval_reasons(invoice: Invoice, policy: ApprovalPolicy | None, history: InvoiceHistory) -> tuple[Issue, ...]:
    """Return every reason for which the invoice needs an approval; none: it needs none."""
    return () if policy is None else tuple(_reasons(invoice, policy, history))


def requested(
    invoice: Invoice, policy: ApprovalPolicy | None, *, task_token: str, requested_at: datetime
) -> ApprovalRequest:
    """Return the request to the legal entity's approver; without one nobody may decide."""
    codes = {code.value for code in ApprovalReason}
    return ApprovalRequest(
        invoice_id=invoice.invoice_id,
        revision=invoice.revision,
        approver=policy.approver if policy else "",
        requested_at=requested_at,
        task_token=task_token,
        reasons=tuple(issue.message for issue in invoice.issues if issue.code in codes),
        second_approver=policy.second_approver if policy else "",
        due_at=requested_at + policy.overdue_after if policy else None,
    )


def asked_of(policy: ApprovalPolicy | None, request: ApprovalRequest) -> ApprovalRequest:
    """Return the request as asked of those whom the policy names now: approvers come and go while it waits."""
    if policy is None:
        return request
    return replace(request, approver=policy.approver, second_approver=policy.second_approver)


def escalated(request: ApprovalRequest, *, at: datetime) -> ApprovalRequest:
    return replace(request, escalated_at=at)


def may_decide(decision: ApprovalDecision, request: ApprovalRequest) -> bool:
    """Whether the request is to whoever decided, and not newer than the decision."""
    return decision.decided_by in request.approvers and decision.decided_at >= request.requested_at


def check_decision(decision: ApprovalDecision, *, invoice: Invoice, request: ApprovalRequest) -> None:
    """Raise DecisionNotAllowedError unless an approver, who is not the preparer, decided on this very request."""
    if decision.decided_by not in request.approvers:
        raise DecisionNotAllowedError(f"{decision.decided_by} is not the approver of {invoice.invoice_id}")
    if decision.decided_by == invoice.prepared_by:
        raise DecisionNotAllowedError(f"{decision.decided_by} has prepared {invoice.invoice_id} and cannot approve it")
    if not may_decide(decision, request):
        raise DecisionNotAllowedError(f"{invoice.invoice_id} was drafted anew after the decision was taken")


def _reasons(invoice: Invoice, policy: ApprovalPolicy, history: InvoiceHistory) -> Iterator[Issue]:
    if policy.thresholds is not None:
        yield from _amount(invoice, policy.thresholds)
    if policy.deviation is not None:
        yield from _deviation(invoice, policy.deviation, history)
    if policy.first_invoice and not history.of_customer:
        yield _reason(ApprovalReason.FIRST_INVOICE, f"it is the first invoice of {invoice.customer_id}")
    if policy.manual_adjustment:
        yield from _manual_adjustments(invoice)


def _amount(invoice: Invoice, thresholds: tuple[Money, ...]) -> Iterator[Issue]:
    """Judge the gross amount. A currency without a threshold has none that one could stay under."""
    currency = invoice.gross.currency
    limits = [limit for limit in thresholds if limit.currency == currency]
    if not limits:
        yield _reason(ApprovalReason.AMOUNT_WITHOUT_THRESHOLD, f"no threshold is set for {currency}")
    for limit in limits:
        if not invoice.gross < limit:
            message = f"{invoice.gross} reaches the threshold of {limit}"
            yield _reason(ApprovalReason.AMOUNT_REACHES_THRESHOLD, message)


def _deviation(invoice: Invoice, deviation: Deviation, history: InvoiceHistory) -> Iterator[Issue]:
    currency = invoice.gross.currency
    before = [gross for gross in history.of_contract if gross.currency == currency]
    if len(before) < deviation.at_least:
        return
    mean = (total(before, currency) * (Decimal(1) / len(before))).rounded()
    zero = Money.zero(currency)
    if not zero < mean:
        return
    is_more, is_less = mean * deviation.factor < invoice.gross, invoice.gross * deviation.factor < mean
    if is_more or is_less:
        how = "more" if is_more else "less"
        message = (
            f"{invoice.gross} is over {deviation.factor:f} times {how} than {mean},"
            f" the mean of the {len(before)} invoices before"
        )
        yield _reason(ApprovalReason.AMOUNT_DEVIATES, message)


def _manual_adjustments(invoice: Invoice) -> Iterator[Issue]:
    for line in invoice.lines:
        applied = line.applied
        if applied is not None and not applied.of_charge and applied.kind in MANUAL_KINDS:
            yield _reason(ApprovalReason.MANUAL_ADJUSTMENT, f"{line.description}: {line.amount}", line.line_id)


def _reason(code: ApprovalReason, message: str, path: str = "") -> Issue:
    return Issue(severity=Severity.WARNING, code=code, message=message, path=path)
