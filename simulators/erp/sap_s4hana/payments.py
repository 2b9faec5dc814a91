"""What people do with open items in SAP: take in payments, clear items against each other, reverse documents."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from simulators.erp.sap_s4hana.books import AccountingDocument, Clearing, CompanyBooks, Item
from simulators.erp.sap_s4hana.posting import enter

BOOKKEEPER = "CB9980000010"


class NotOpenError(ValueError):
    """The items do not add up to what is to be cleared, or are no longer open."""


def pay(books: CompanyBooks, document: AccountingDocument, amount: Decimal, on: date) -> None:
    """Take in a payment: the whole rest clears the invoice, less leaves it open with a partial payment beside it."""
    if not 0 < amount <= books.open_amount(document):
        raise NotOpenError(f"{document.number} has {books.open_amount(document)} open, not {amount}")
    if amount == books.open_amount(document):
        settle(books, [document], paid=amount, on=on)
        return
    payment = _payment(books, document, amount, on)
    payment.items[1].pays_for = document.number
    payment.items[1].pays_for_year = document.fiscal_year
    enter(books, payment)


def settle(books: CompanyBooks, documents: Sequence[AccountingDocument], *, paid: Decimal, on: date) -> None:
    """Clear documents and the partial payments of them with one payment, or with none where they add up to nothing."""
    items = [item for document in documents for item in document.customer_items()]
    items += [item for document in documents for item in books.partial_payments(document)]
    if any(item.clearing for item in items) or sum(item.amount for item in items) != paid:
        raise NotOpenError(f"the items come to {sum(item.amount for item in items)}, paid is {paid}")
    if paid:
        clearing = _payment(books, documents[0], paid, on)
        enter(books, clearing)
        items += clearing.customer_items()
        number = clearing.number
    else:
        number = books.next_number("AB")
    _clear(books, items, number, on)


def reverse(books: CompanyBooks, document: AccountingDocument, on: date) -> None:
    """Book a document the other way round, under the same reference, as SAP does; both leave the open items."""
    if document.reversed_by or any(item.clearing for item in document.customer_items()):
        raise NotOpenError(f"{document.number} is cleared or reversed")
    reversal = replace(
        document,
        number=books.next_number(document.type),
        posting_date=on,
        document_date=on,
        created_by=BOOKKEEPER,
        created_at=books.now(),
        original_reference="",
        logical_system="",
        items=[replace(item, amount=-item.amount, local_amount=None) for item in document.items],
        reverses=document.number,
    )
    enter(books, reversal)
    document.reversed_by = reversal.number
    _clear(books, [*document.customer_items(), *reversal.customer_items()], reversal.number, on)


def _payment(books: CompanyBooks, document: AccountingDocument, amount: Decimal, on: date) -> AccountingDocument:
    customer = next(document.customer_items())
    return AccountingDocument(
        number=books.next_number("DZ"),
        type="DZ",
        document_reference="",
        original_reference="",
        logical_system="",
        header_text="Incoming payment",
        document_date=on,
        posting_date=on,
        currency=document.currency,
        created_by=BOOKKEEPER,
        created_at=books.now(),
        items=[
            Item(account_type="S", account=books.setup.bank_account, amount=amount),
            Item(account_type="D", account=customer.account, customer=customer.customer, amount=-amount),
        ],
    )


def _clear(books: CompanyBooks, items: Sequence[Item], number: str, on: date) -> None:
    clearing = Clearing(number=number, fiscal_year=f"{on.year:04d}", posted_on=on, entered_on=books.now().date())
    for item in items:
        item.clearing = clearing
