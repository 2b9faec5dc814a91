"""Adjustments that an invoice could not take: on it as a warning, and in the exceptions until an invoice takes them."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.invoice import Invoice
from shared.domain.invoicing.validation import MAX_MESSAGE_LENGTH
from shared.domain.issue import Issue, Severity


@dataclass(frozen=True, slots=True)
class KeptBack:
    """An earlier period, by its own invoice, that has new usage and stays as it was billed; `why` is for people."""

    invoice_id: InvoiceId
    why: str


def as_issue(kept_back: KeptBack) -> Issue:
    """Return the warning that the invoice carries: it stops nothing."""
    code = ExceptionCode.ADJUSTMENT_KEPT_BACK
    return Issue(severity=Severity.WARNING, code=code, message=kept_back.why, path=kept_back.invoice_id)


def kept_back_by(invoice: Invoice) -> frozenset[InvoiceId]:
    """Return the own invoices of the periods that an invoice could not take."""
    return frozenset(InvoiceId(issue.path) for issue in _issues(invoice))


def exceptions_about(invoice: Invoice, *, raised_at: datetime) -> tuple[ExceptionRecord, ...]:
    """Return one exception for each period that the invoice could not take. Later invoices tell of the same one."""
    return tuple(
        ExceptionRecord(
            exception_id=exception_id(ExceptionCode.ADJUSTMENT_KEPT_BACK, issue.path),
            tenant=invoice.tenant,
            code=ExceptionCode.ADJUSTMENT_KEPT_BACK,
            subject=issue.path,
            message=issue.message[:MAX_MESSAGE_LENGTH],
            raised_at=raised_at,
            detail={
                "left_out_of": invoice.invoice_id,
                "customer": invoice.customer_id,
                "contract": invoice.contract_id,
                "catalog_version": invoice.catalog_version,
            },
        )
        for issue in _issues(invoice)
    )


def _issues(invoice: Invoice) -> list[Issue]:
    return [issue for issue in invoice.issues if issue.code == ExceptionCode.ADJUSTMENT_KEPT_BACK]
