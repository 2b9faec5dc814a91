"""Posted customer transactions: what each invoice, credit and payment came to, and how much of it is settled."""

from datetime import date
from decimal import Decimal

from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.values import NO_DATE, EnumName, Row, at_noon


def record(
    books: CompanyBooks,
    *,
    account: str,
    kind: str,
    invoice: str,
    voucher: str,
    currency: str,
    amount: Decimal,
    on: date,
) -> Row:
    """Append a transaction; a debit of the customer is positive."""
    row: Row = {
        "@odata.etag": "",
        "dataAreaId": books.company,
        "SourceKey": books.environment.next_record_id(),
        "AccountNum": account,
        "TransType": EnumName(kind),
        "Invoice": invoice,
        "Voucher": voucher,
        "CurrencyCode": currency,
        "AmountCur": amount,
        "SettleAmountCur": Decimal(0),
        "TransDate": at_noon(on),
        "DueDate": at_noon(on),
        "Closed": NO_DATE,
    }
    books.environment.changed(row)
    books.transactions.append(row)
    return row


def of_invoice(books: CompanyBooks, number: str) -> Row | None:
    found = (row for row in books.transactions if row["TransType"] == "Sales" and row["Invoice"] == number)
    return next(found, None)


def open_amount(row: Row) -> Decimal:
    return Decimal(row["AmountCur"] - row["SettleAmountCur"])


def settle(books: CompanyBooks, credit: Row, debit: Row, *, on: date) -> None:
    """Settle a credit against a debit of the same customer and currency, as far as both are open."""
    if (credit["AccountNum"], credit["CurrencyCode"]) != (debit["AccountNum"], debit["CurrencyCode"]):
        return
    amount = min(open_amount(debit), -open_amount(credit))
    if amount <= 0:
        return
    for row, sign in ((debit, 1), (credit, -1)):
        row["SettleAmountCur"] += sign * amount
        row["Closed"] = at_noon(on) if not open_amount(row) else NO_DATE
        books.environment.changed(row)
