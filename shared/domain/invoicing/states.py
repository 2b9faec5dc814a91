"""What may happen to an invoice: the transition table is the whole truth about it."""

from dataclasses import replace
from enum import StrEnum

from shared.domain.invoicing.invoice import Invoice, InvoiceState


class InvoiceTrigger(StrEnum):
    REDRAFT = "redraft"  # a later bill run drafts it anew
    FAIL_VALIDATION = "fail_validation"
    ASK_APPROVAL = "ask_approval"
    NEED_NO_APPROVAL = "need_no_approval"
    APPROVE = "approve"
    REJECT = "reject"
    ISSUE = "issue"
    CONSOLIDATE = "consolidate"  # the invoice that it is on is issued
    POST = "post"
    FAIL_POSTING = "fail_posting"
    REPAIR_POSTING = "repair_posting"
    VOID = "void"
    POST_REVERSAL = "post_reversal"


_S, _T = InvoiceState, InvoiceTrigger

TRANSITIONS: dict[tuple[InvoiceState, InvoiceTrigger], InvoiceState] = {
    (_S.DRAFT, _T.FAIL_VALIDATION): _S.INVALID,
    (_S.DRAFT, _T.ASK_APPROVAL): _S.AWAITING_APPROVAL,
    (_S.DRAFT, _T.NEED_NO_APPROVAL): _S.APPROVED,
    (_S.AWAITING_APPROVAL, _T.APPROVE): _S.APPROVED,
    (_S.AWAITING_APPROVAL, _T.REJECT): _S.REJECTED,
    (_S.APPROVED, _T.ISSUE): _S.ISSUED,
    (_S.APPROVED, _T.FAIL_VALIDATION): _S.INVALID,  # what it rests on, or its master data, has changed meanwhile
    (_S.DRAFT, _T.CONSOLIDATE): _S.CONSOLIDATED,
    (_S.ISSUED, _T.POST): _S.POSTED,
    (_S.ISSUED, _T.FAIL_POSTING): _S.POSTING_FAILED,
    (_S.POSTING_FAILED, _T.POST): _S.POSTED,
    (_S.POSTING_FAILED, _T.REPAIR_POSTING): _S.ISSUED,
    (_S.POSTED, _T.VOID): _S.VOIDING,
    (_S.POSTING_FAILED, _T.VOID): _S.VOIDING,  # its posting was cancelled
    (_S.VOIDING, _T.POST_REVERSAL): _S.VOIDED,
    # As long as it has no number, a later bill run may draft it anew.
    (_S.DRAFT, _T.REDRAFT): _S.DRAFT,
    (_S.INVALID, _T.REDRAFT): _S.DRAFT,
    (_S.AWAITING_APPROVAL, _T.REDRAFT): _S.DRAFT,
    (_S.APPROVED, _T.REDRAFT): _S.DRAFT,
    (_S.REJECTED, _T.REDRAFT): _S.DRAFT,
}


class TransitionNotAllowedError(Exception):
    """The invoice's state does not allow what was asked of it."""


def next_state(state: InvoiceState, trigger: InvoiceTrigger) -> InvoiceState:
    """Return the state a trigger leads to; raise TransitionNotAllowedError where the table has no entry."""
    try:
        return TRANSITIONS[state, trigger]
    except KeyError:
        raise TransitionNotAllowedError(f"an invoice that is {state} cannot {trigger}") from None


def moved(invoice: Invoice, trigger: InvoiceTrigger) -> Invoice:
    return replace(invoice, state=next_state(invoice.state, trigger))
