"""LedgerJournalHeaders and LedgerJournalLines: drafts until the batch job posts those whose vouchers balance."""

from collections import defaultdict
from decimal import Decimal

from simulators.erp.company import rounded
from simulators.erp.dynamics_finance import accounts, drafts, values
from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.customers import customer_of
from simulators.erp.dynamics_finance.dialect import already_exists, bad_request, unknown_value, write_failed
from simulators.erp.dynamics_finance.values import NO, NO_DATE, EnumName, Row
from simulators.http.faults import Fault

HEADER, LINE = "LedgerJournalHeader", "LedgerJournalLine"
JOURNAL_NAMES = frozenset({"GenJrn", "Accrual"})
HEADER_TEXTS = {"JournalName": 10, "Description": 60, "IntegrationKey": 100}
LINE_TEXTS = {
    "AccountDisplayValue": 500,
    "DefaultDimensionDisplayValue": 500,
    "OffsetAccountDisplayValue": 500,
    "CurrencyCode": 3,
    "Text": 60,
    "Document": 20,
    "Invoice": 20,
    "Voucher": 20,
    "SalesTaxGroup": 10,
    "ItemSalesTaxGroup": 10,
}
AMOUNTS = ("DebitAmount", "CreditAmount")
ACCOUNT_TYPES = frozenset({"Ledger", "Cust"})
SETTABLE_OF_LINE = frozenset(
    {*LINE_TEXTS, *AMOUNTS, "dataAreaId", "JournalBatchNumber", "LineNumber", "AccountType", "TransDate", "ExchRate"}
)


def create_header(books: CompanyBooks, sent: Row, fault: Fault | None) -> Row:
    values.only_known(sent, known=frozenset({*HEADER_TEXTS, "dataAreaId", "JournalBatchNumber"}), entity=HEADER)
    texts = {name: values.text(sent, name, width=width) for name, width in HEADER_TEXTS.items()}
    if texts["JournalName"] not in {*JOURNAL_NAMES, books.setup.names.get("journal_name")}:
        raise unknown_value(HEADER, "JournalName", texts["JournalName"])
    numbers = books.setup.names.get("journal_numbers", f"{books.setup.company.upper()[:4]}-")
    header: Row = {
        "@odata.etag": "",
        "dataAreaId": books.company,
        "JournalBatchNumber": books.next_number(numbers),  # the caller's is not taken
        **texts,
        "Description": texts["Description"] or "General journal",
        "AccountingCurrency": "",
        "PostingLayer": EnumName("Current"),
        "IsPosted": NO,
        "JournalTotalDebit": Decimal(0),
        "JournalTotalCredit": Decimal(0),
        "_lines": [],
    }
    books.environment.changed(header)
    drafts.schedule(books, header, fault)
    books.journals[header["JournalBatchNumber"]] = header
    books.environment.on_rollback(lambda: books.journals.pop(header["JournalBatchNumber"]))
    return header


def create_line(books: CompanyBooks, sent: Row, fault: Fault | None) -> Row:
    values.only_known(sent, known=SETTABLE_OF_LINE, entity=LINE)
    journal = books.journals.get(values.text(sent, "JournalBatchNumber", width=20))
    if journal is None:
        raise unknown_value(LINE, "JournalBatchNumber", str(sent.get("JournalBatchNumber", "")))
    only_draft(journal)
    line = _new_line(books, journal, sent)
    journal["_lines"].append(line)
    total(journal)
    drafts.schedule(books, journal, fault)
    books.environment.changed(journal)
    books.environment.on_rollback(lambda: _without(journal, line))
    return line


def delete_header(books: CompanyBooks, journal: Row) -> None:
    only_draft(journal)
    del books.journals[journal["JournalBatchNumber"]]


def only_draft(journal: Row) -> None:
    if journal["IsPosted"] == "Yes":
        raise write_failed(HEADER, f"Journal {journal['JournalBatchNumber']} is posted and cannot be changed.")


def balances(journal: Row) -> bool:
    """Tell whether each voucher of a day balances; a journal with one that does not is not posted at all."""
    off: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in journal["_lines"]:
        off[line["Voucher"], line["TransDate"]] += line["DebitAmount"] - line["CreditAmount"]
    return not any(off.values())


def total(journal: Row) -> None:
    journal["JournalTotalDebit"] = sum((line["DebitAmount"] for line in journal["_lines"]), start=Decimal(0))
    journal["JournalTotalCredit"] = sum((line["CreditAmount"] for line in journal["_lines"]), start=Decimal(0))


def _new_line(books: CompanyBooks, journal: Row, sent: Row) -> Row:
    texts = {name: values.text(sent, name, width=width) for name, width in LINE_TEXTS.items()}
    line_number = values.number(sent, "LineNumber") or Decimal(len(journal["_lines"]) + 1)
    if any(line["LineNumber"] == line_number for line in journal["_lines"]):
        raise already_exists(LINE, f"Journal batch number: {journal['JournalBatchNumber']}, line number: {line_number}")
    account_type = sent.get("AccountType", "Ledger")
    if account_type not in ACCOUNT_TYPES:
        raise bad_request("This simulator knows lines of account types Ledger and Cust only.")
    currency = texts["CurrencyCode"] or books.setup.local_currency
    line: Row = {
        "@odata.etag": "",
        "dataAreaId": books.company,
        "JournalBatchNumber": journal["JournalBatchNumber"],
        "LineNumber": line_number,
        **texts,
        "AccountType": EnumName(account_type),
        "CurrencyCode": currency,
        **{name: rounded(values.number(sent, name), currency=currency) for name in AMOUNTS},
        "TransDate": values.day(sent, "TransDate", default=books.today()),
        "Voucher": texts["Voucher"] or books.next_number("GNJ"),  # without one, each line is a voucher of its own
        "ExchRate": values.number(sent, "ExchRate") or Decimal(100),
        "DueDate": NO_DATE,
        "ReverseDate": NO_DATE,
        "ReverseEntry": NO,
        "OffsetAccountType": EnumName("Ledger"),
        "Company": books.company,
        **_account(books, account_type, texts),
    }
    books.environment.changed(line)
    return line


def _account(books: CompanyBooks, account_type: str, texts: dict[str, str]) -> Row:
    """Return what the line is booked on; the account of a customer is that of the receivables."""
    if account_type == "Ledger":
        account = accounts.ledger_account(
            books.setup, texts["AccountDisplayValue"], entity=LINE, field="AccountDisplayValue"
        )
        return {"_account": account.main_account, "_dimensions": account.dimensions}
    (number, *_) = accounts.split(texts["AccountDisplayValue"])
    customer_of(books, number, entity=LINE, field="AccountDisplayValue")
    return {"_account": books.setup.receivable_account, "_dimensions": {}}


def _without(journal: Row, line: Row) -> None:
    journal["_lines"].remove(line)
    total(journal)
