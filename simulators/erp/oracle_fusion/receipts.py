"""standardReceipts and credit memos that are applied to invoices. Only the installment shows when it changed."""

from datetime import date
from decimal import Decimal

from simulators.erp.general_ledger import Entry, payment_lines
from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.query import Entity
from simulators.erp.oracle_fusion.transaction_classes import CREDIT_MEMO, INVOICE


class NothingToPayError(LookupError):
    """No complete invoice with this reference owes that much."""


def pay(books: UnitBooks, invoice: Entity, *, amount: Decimal, on: date) -> None:
    """Record a receipt and apply it; raises NothingToPayError for more than is open."""
    if not 0 < amount <= invoice[INVOICE.balance]:
        raise NothingToPayError(f"{invoice['TransactionNumber']} has {invoice[INVOICE.balance]} open")
    receipt_id = books.numbers.next()
    receipt: Entity = {
        "StandardReceiptId": receipt_id,
        "ReceiptNumber": f"RCPT-{len(books.receipts) + 1}",
        "ReceiptDate": on.isoformat(),
        "AccountingDate": on.isoformat(),
        "BusinessUnit": books.setup.company,
        "CustomerAccountNumber": invoice["BillToCustomerNumber"],
        "Amount": amount,
        "Currency": invoice[INVOICE.currency],
        "State": "Cleared",
        "Status": "Applied",
        "CreationDate": books.timestamp(),
    }
    books.changed(receipt)
    books.receipts[receipt_id] = receipt
    (installment,) = invoice["_receivablesInvoiceInstallments"]
    installment["AmountPaid"] += amount
    _less(invoice, amount)
    books.changed(installment)
    books.ledger.post(_entry(books, invoice, receipt, on))


def apply(books: UnitBooks, memo: Entity, invoice: Entity) -> None:
    """Apply what is left of a credit memo; raises NothingToPayError for more than the invoice has open."""
    left = -memo[CREDIT_MEMO.balance]
    if not 0 < left <= invoice[INVOICE.balance]:
        raise NothingToPayError(f"{invoice['TransactionNumber']} has {invoice[INVOICE.balance]} open")
    (installment,) = invoice["_receivablesInvoiceInstallments"]
    installment["InstallmentAmountCredited"] -= left
    _less(invoice, left)
    memo[CREDIT_MEMO.balance] = Decimal(0)
    books.changed(memo)
    books.changed(installment)


def _less(invoice: Entity, amount: Decimal) -> None:
    (installment,) = invoice["_receivablesInvoiceInstallments"]
    installment["InstallmentBalanceDue"] -= amount
    installment["InstallmentStatus"] = "Open" if installment["InstallmentBalanceDue"] else "Closed"
    invoice[INVOICE.balance] -= amount


def _entry(books: UnitBooks, invoice: Entity, receipt: Entity, on: date) -> Entry:
    return Entry(
        company=books.setup.company,
        posting_date=on,
        document_number=receipt["ReceiptNumber"],
        external_ref=invoice["CrossReference"] or "",
        customer=invoice["BillToCustomerName"],
        currency=invoice[INVOICE.currency],
        lines=payment_lines(books.setup, amount=receipt["Amount"]),
        document_type="Payment",
    )
