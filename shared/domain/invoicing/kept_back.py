"""Adjustments that an invoice could not take: on it as a warning, and in the exceptions until an invoice takes them."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.invoice import Invoice
from shared.domain.invoicing.rated_before import rated_order
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who has told of periods that were kept back: invoices, voided ones too, and the draft so far of the next one."""

    invoices: tuple[Invoice, ...]
    draft: Invoice | None

    @property
    def by_draft(self) -> frozenset[InvoiceId]:
        """Return what the draft keeps back, and what it takes: only an invoice that is settled ends an exception."""
        if self.draft is None:
            return frozenset()
        taken = {one.invoice_id for one in self.draft.adjusted if one.was_kept_back}
        return (kept_back_by(self.draft) | taken) - {self.draft.invoice_id}

    def of(self, own: InvoiceId, *, read_last: Invoice) -> bool:
        """Whether an exception may be open about a period, which `read_last` was the last invoice to read."""
        since = (one for one in self.invoices if rated_order(one) > rated_order(read_last))
        return own in self.by_draft or any(own in kept_back_by(one) for one in since)


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
