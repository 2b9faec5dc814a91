"""The environment's own batch job: posts the drafts that are due, in the order in which they came due.

A draft of a period that is not open, or with vouchers that do not balance, stays what it is and is tried at each run.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from simulators.erp.dynamics_finance import free_text_invoices, journals, transactions
from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.drafts import is_due
from simulators.erp.dynamics_finance.values import YES, Row, day_of
from simulators.erp.general_ledger import Entry, EntryLine, RevenueLine, invoice_lines, journal_line


def run(companies: Iterable[CompanyBooks]) -> None:
    for books in companies:
        now = books.environment.now()
        due = [draft for draft in (*books.invoices.values(), *books.journals.values()) if is_due(draft, now)]
        for draft in sorted(due, key=lambda draft: draft["_due_at"]):
            _post(books, draft)


def _post(books: CompanyBooks, draft: Row) -> None:
    if "InvoiceIdentifier" in draft:
        _post_invoice(books, draft)
    else:
        _post_journal(books, draft)


def _post_invoice(books: CompanyBooks, invoice: Row) -> None:
    posted_on = day_of(invoice["InvoiceDate"])
    if not books.posts_on(posted_on):
        return
    net, tax = free_text_invoices.totals(invoice)
    revenue = [
        RevenueLine(account=line["_account"], amount=line["TransactionCurrencyAmount"]) for line in invoice["_lines"]
    ]
    number = books.next_number("FTI-")
    lines = invoice_lines(books.setup, revenue=revenue, net=net, tax=tax)
    document_type = "Invoice" if net + tax >= 0 else "Credit note"
    books.ledger.post(_entry(books, invoice, number, posted_on, lines, document_type))
    invoice["FreeTextNumber"] = number
    invoice["IsPosted"] = YES
    books.environment.changed(invoice)
    _owed(books, invoice, net + tax)


def _owed(books: CompanyBooks, invoice: Row, gross: Decimal) -> None:
    posted_on = day_of(invoice["InvoiceDate"])
    row = transactions.record(
        books,
        account=invoice["InvoiceAccount"],
        kind="Sales",
        invoice=invoice["FreeTextNumber"],
        voucher=books.next_number("FTV-"),
        currency=invoice["CurrencyCode"],
        amount=gross,
        on=posted_on,
    )
    credited = transactions.of_invoice(books, invoice["CorrectedInvoiceId"]) if invoice["CorrectedInvoiceId"] else None
    if credited is not None and gross < 0:
        transactions.settle(books, row, credited, on=posted_on)


def _post_journal(books: CompanyBooks, journal: Row) -> None:
    days = [day_of(line["TransDate"]) for line in journal["_lines"]]
    if not journals.balances(journal) or not all(books.posts_on(day) for day in days):
        return
    for line in journal["_lines"]:
        if line["AccountType"] == "Cust":
            transactions.record(
                books,
                account=line["AccountDisplayValue"],
                kind="GeneralJournal",
                invoice=line["Invoice"],
                voucher=line["Voucher"],
                currency=line["CurrencyCode"],
                amount=line["DebitAmount"] - line["CreditAmount"],
                on=day_of(line["TransDate"]),
            )
    for voucher, posted_on, currency in dict.fromkeys(_vouchers(journal)):
        lines = tuple(
            journal_line(books.setup, account=line["_account"], amount=line["DebitAmount"] - line["CreditAmount"])
            for line in journal["_lines"]
            if (line["Voucher"], day_of(line["TransDate"]), line["CurrencyCode"]) == (voucher, posted_on, currency)
        )
        books.ledger.post(_journal_entry(books, journal, voucher, posted_on, currency, lines))
    journal["IsPosted"] = YES
    books.environment.changed(journal)


def _vouchers(journal: Row) -> list[tuple[str, date, str]]:
    return [(line["Voucher"], day_of(line["TransDate"]), line["CurrencyCode"]) for line in journal["_lines"]]


def _entry(
    books: CompanyBooks,
    invoice: Row,
    number: str,
    posted_on: date,
    lines: tuple[EntryLine, ...],
    document_type: str,
) -> Entry:
    return Entry(
        company=books.setup.company,
        posting_date=posted_on,
        document_number=number,
        external_ref=invoice["CustomerReference"] or invoice["ExternalInvoiceId"],
        customer=invoice["InvoiceName"],
        currency=invoice["CurrencyCode"],
        lines=lines,
        document_type=document_type,
    )


def _journal_entry(
    books: CompanyBooks, journal: Row, voucher: str, posted_on: date, currency: str, lines: tuple[EntryLine, ...]
) -> Entry:
    return Entry(
        company=books.setup.company,
        posting_date=posted_on,
        document_number=f"{journal['JournalBatchNumber']}/{voucher}",
        external_ref=journal["IntegrationKey"] or journal["_lines"][0]["Document"],
        customer="",
        currency=currency,
        lines=lines,
        document_type="Journal",
    )
