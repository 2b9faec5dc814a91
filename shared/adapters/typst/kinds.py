"""What an invoice says of itself as a whole, and what a credit note says; lines and totals are said alike."""

from collections.abc import Iterator
from types import MappingProxyType

from shared.adapters.typst.wording import account, day, days, money, unrounded
from shared.domain.invoice_document.document import InvoiceDocument
from shared.domain.invoicing.credit_note import CreditPurpose

# What a customer has to know of a purpose; goodwill speaks for itself.
_MEANINGS = MappingProxyType(
    {
        CreditPurpose.CORRECTION: "It corrects what was billed: later invoices reckon with what is left of it.",
        CreditPurpose.VOID: "The invoice is void: nothing of it is billed any more.",
    }
)


def title(document: InvoiceDocument) -> str:
    return "Credit note" if document.credits else "Invoice"


def facts(document: InvoiceDocument) -> Iterator[tuple[str, str]]:
    yield f"{title(document)} number", document.number
    yield f"{title(document)} date", day(document.issue_date)
    if document.credits:
        yield "Credits invoice", document.credits.number
        yield "of", day(document.credits.issue_date)
    yield "Billing period", days(document.period_from, document.period_to)
    yield "Customer", document.customer_id
    yield "Contract", document.contract_id
    yield "Purchase order", document.purchase_order
    yield "Your reference", document.buyer_reference


def headline(document: InvoiceDocument) -> str:
    """Return the words before the gross amount."""
    if document.due_date is None:
        return "Credited to you"
    return f"Amount due by {day(document.due_date)}"


def terms(document: InvoiceDocument) -> str:
    amount = f"{document.gross.currency} {money(document.gross)}"
    if document.credits:
        return f"{amount} is set against invoice {document.credits.number}. There is nothing to pay."
    if document.due_date is None or not document.gross.amount:
        return "There is nothing to pay."
    agreed = f" (payable {document.payment_terms})" if document.payment_terms else ""
    return f"Please pay {amount} by {day(document.due_date)}, without deduction{agreed}."


def payment(document: InvoiceDocument) -> Iterator[tuple[str, str]]:
    """Yield where an invoice is paid to; a credit note is not paid."""
    bank = document.bank_account
    if bank is not None and document.gross.amount and not document.credits:
        is_iban = bank.number[:2].isalpha()
        yield "Account holder", bank.holder
        yield "IBAN" if is_iban else "Account", account(bank.number)
        yield "BIC" if is_iban else "Bank", bank.bank
        yield "Reference", document.number


def notes(document: InvoiceDocument) -> Iterator[str]:
    """Yield what the document has to do with others, and why."""
    if document.converted is not None and document.tax_in_books is not None:
        tax, rate = document.tax_in_books, document.converted.rate
        worth = f"1 {rate.base} = {unrounded(rate.rate)} {rate.quote}"
        yield f"Tax in {tax.currency}: {money(tax)}, at {worth} ({rate.source}, {day(rate.published_on)})."
    if document.credits:
        yield f"Reason: {document.credits.reason}"
        if document.credits.purpose in _MEANINGS:
            yield _MEANINGS[document.credits.purpose]
        yield "Tax is credited at the rates of that invoice."
    if document.preceding:
        yield f"This invoice adjusts {', '.join(document.preceding)}: later usage and corrections of those periods."
