"""Customer payment journals: a customer pays an invoice, and what is paid is settled against it."""

from datetime import date
from decimal import Decimal

from simulators.erp.dynamics_finance import accounts, transactions
from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.values import NO_DATE, YES, EnumName, Row, at_noon
from simulators.erp.general_ledger import Entry, payment_lines

JOURNAL_NAME = "CustPay"


def receive(books: CompanyBooks, invoice: Row, amount: Decimal, on: date) -> None:
    """Book a payment of a posted invoice through a journal of payments."""
    number, voucher = books.next_number("CPJ-"), books.next_number("CPV-")
    owed = transactions.of_invoice(books, invoice["FreeTextNumber"])
    if owed is None:
        raise ValueError(f"{invoice['InvoiceIdentifier']} is not posted")
    books.payments[number] = _journal(books, number, [_line(books, number, voucher, invoice, amount, on)])
    paid = transactions.record(
        books,
        account=invoice["InvoiceAccount"],
        kind="Payment",
        invoice="",
        voucher=voucher,
        currency=invoice["CurrencyCode"],
        amount=-amount,
        on=on,
    )
    transactions.settle(books, paid, owed, on=on)
    books.ledger.post(
        Entry(
            company=books.setup.company,
            posting_date=on,
            document_number=f"{number}/{voucher}",
            external_ref="",
            customer=invoice["InvoiceName"],
            currency=invoice["CurrencyCode"],
            lines=payment_lines(books.setup, amount=amount),
            document_type="Payment",
        )
    )


def _journal(books: CompanyBooks, number: str, lines: list[Row]) -> Row:
    journal: Row = {
        "@odata.etag": "",
        "dataAreaId": books.company,
        "JournalBatchNumber": number,
        "JournalName": JOURNAL_NAME,
        "Description": "Customer payments",
        "IsPosted": YES,
        "OverrideSalesTax": EnumName("No"),
        "_lines": lines,
    }
    books.environment.changed(journal)
    return journal


def _line(books: CompanyBooks, number: str, voucher: str, invoice: Row, amount: Decimal, on: date) -> Row:
    return {
        "@odata.etag": "",
        "dataAreaId": books.company,
        "JournalBatchNumber": number,
        "LineNumber": Decimal(1),
        "Voucher": voucher,
        "AccountType": EnumName("Cust"),
        "AccountDisplayValue": accounts.escaped(invoice["InvoiceAccount"]),
        "CustomerName": invoice["InvoiceName"],
        "OffsetAccountType": EnumName("Ledger"),
        "OffsetAccountDisplayValue": books.setup.bank_account,
        "CurrencyCode": invoice["CurrencyCode"],
        "DebitAmount": Decimal(0),
        "CreditAmount": amount,
        "TransactionDate": at_noon(on),
        "MarkedInvoice": invoice["FreeTextNumber"],
        "SettleVoucher": EnumName("SelectedTransact"),
        "ExchangeRate": Decimal(100),
        "PostdatedCheckReceivedDate": NO_DATE,
    }
