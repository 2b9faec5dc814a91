"""Issue an invoice: from here on it has a number and dates, and nothing about what it asks for changes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from shared.domain.currency_exchange.converted import converted
from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.identifiers import ExceptionId
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.invoicing.states import InvoiceTrigger, moved
from shared.domain.invoicing.validation import InvoiceIssueCode
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.payment_terms import PaymentTerms

ISSUED_STATES = frozenset({InvoiceState.ISSUED, InvoiceState.POSTED, InvoiceState.POSTING_FAILED})
# It is in the ERP and takes no part in what a contract is billed: a credit note reverses it in whole.
REVERSED_STATES = frozenset({InvoiceState.VOIDING, InvoiceState.VOIDED})
# What an invoice in one of these has read and billed of its periods is for good.
BILLED_STATES = ISSUED_STATES | {InvoiceState.NOTHING_TO_BILL, InvoiceState.CONSOLIDATED}


def issued(
    invoice: Invoice, *, series: InvoiceSeries, terms: PaymentTerms, rate: ExchangeRate | None = None
) -> Invoice:
    """Return the invoice with the number and date that the series has just come to; `rate` is that of the date."""
    return replace(
        moved(invoice, InvoiceTrigger.ISSUE),
        number=series.last_number,
        invoice_date=series.last_date,
        due_date=terms.due(series.last_date),
        payment_terms=terms,
        converted=None if rate is None else converted(invoice.net, invoice.tax, rate),
    )


def credited_meanwhile(invoice: Invoice) -> Invoice:
    """Return an approved invoice as it waits to be drafted anew: what it rests on has changed since it was drafted."""
    of = ", ".join(one.invoice_id for one in invoice.rests_on)
    message = f"a credit note or an invoice has changed since what is left of {of}; a later bill run drafts it anew"
    code = InvoiceIssueCode.CREDITED_MEANWHILE
    issue = Issue(severity=Severity.CRITICAL, code=code, message=message, path="")
    return replace(moved(invoice, InvoiceTrigger.FAIL_VALIDATION), issues=(*invoice.issues, issue))


def unfit_meanwhile(invoice: Invoice, faults: Sequence[Issue]) -> Invoice:
    """Return an approved invoice as it waits to be drafted anew: by the master data of now its ERP would refuse it."""
    return replace(moved(invoice, InvoiceTrigger.FAIL_VALIDATION), issues=(*invoice.issues, *faults))


def is_credited_meanwhile(invoice: Invoice) -> bool:
    return any(issue.code == InvoiceIssueCode.CREDITED_MEANWHILE for issue in invoice.issues)


def exceptions_settled_by(invoice: Invoice, raised: Iterable[ExceptionCode]) -> tuple[ExceptionId, ...]:
    """Return the exceptions that an invoice which is settled leaves without cause.

    They are those that earlier drafts of it have `raised`, and those of periods that it adjusts at last.
    """
    adjusted = (one.invoice_id for one in invoice.adjusted if one.was_kept_back)
    return (
        *(exception_id(code, invoice.invoice_id) for code in raised),
        *(exception_id(ExceptionCode.ADJUSTMENT_KEPT_BACK, own_invoice) for own_invoice in adjusted),
    )
