"""journals and journalLines: batches that anybody may write lines into, until somebody posts the whole of them.

customerPaymentJournals are batches too; their customerPayments are lines on a customer, against the bank.
"""

from datetime import date
from typing import Any, Final

from simulators.erp.business_central import payload
from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import bad_request, field_invalid, not_found, unknown_reference
from simulators.erp.business_central.dimension_lines import COLLECTION, new_dimension_lines
from simulators.erp.business_central.document_types import INVOICE
from simulators.erp.business_central.odata import Entity
from simulators.erp.company import rounded
from simulators.http.exchange import Refusal

CODE_WIDTH: Final = 10
LINE_STEP: Final = 10_000
LEDGER_ACCOUNT: Final = "G/L Account"
CUSTOMER: Final = "Customer"
BATCH_FIELDS: Final = frozenset({"code", "displayName", "templateDisplayName", "balancingAccountNumber"})
TEXT_WIDTHS: Final = {
    "documentNumber": 20,
    "externalDocumentNumber": 35,
    "description": 100,
    "comment": 250,
}
LINE_FIELDS: Final = frozenset(
    {
        *TEXT_WIDTHS,
        "lineNumber",
        "accountType",
        "accountNumber",
        "postingDate",
        "amount",
        "balanceAccountType",
        "balancingAccountNumber",
        COLLECTION,
    }
)
PAYMENT_FIELDS: Final = frozenset(
    {
        *TEXT_WIDTHS,
        "lineNumber",
        "customerNumber",
        "postingDate",
        "amount",
        "appliesToInvoiceId",
        "appliesToInvoiceNumber",
        COLLECTION,
    }
)


def create_journal(books: CompanyBooks, sent: dict[str, Any], *, of_payments: bool = False) -> Entity:
    payload.only_known(sent, known=BATCH_FIELDS, entity="Microsoft.NAV.journal")
    code = payload.text(sent, "code", width=CODE_WIDTH)
    if not code:
        raise field_invalid("code must be filled in.")
    if code in {journal["code"] for journal in books.journals.values()}:
        text = f"The record in table Gen. Journal Batch already exists. Identification fields and values: Name='{code}'"
        raise Refusal(400, "Internal_EntityWithSameKeyExists", text)
    balancing = payload.text(sent, "balancingAccountNumber", width=20)
    if balancing:
        _check_account(books, LEDGER_ACCOUNT, balancing)
    journal: Entity = {
        "@odata.etag": "",
        "id": books.new_id(),
        "code": code,
        "displayName": payload.text(sent, "displayName", width=100),
        "templateDisplayName": payload.text(sent, "templateDisplayName", width=80) or "GENERAL",
        "balancingAccountNumber": balancing or (books.setup.bank_account if of_payments else ""),
        "_of_payments": of_payments,
        "_lines": [],
    }
    books.changed(journal)
    books.journals[journal["id"]] = journal
    return journal


def add_journal_line(books: CompanyBooks, journal: Entity, sent: dict[str, Any]) -> Entity:
    payload.only_known(sent, known=LINE_FIELDS, entity="Microsoft.NAV.journalLine")
    account_type = payload.text(sent, "accountType", width=20) or LEDGER_ACCOUNT
    account = payload.text(sent, "accountNumber", width=20)
    _check_account(books, account_type, account)
    balancing = payload.text(sent, "balancingAccountNumber", width=20) or journal["balancingAccountNumber"]
    if balancing:
        _check_account(books, LEDGER_ACCOUNT, balancing)
    line: Entity = {
        **_line(books, journal, sent),
        "accountType": account_type,
        "accountNumber": account,
        "balanceAccountType": LEDGER_ACCOUNT,
        "balancingAccountNumber": balancing,
        "_applies_to": None,
    }
    new_dimension_lines(books, line, sent.get(COLLECTION, []))
    return _added(books, journal, line)


def add_customer_payment(books: CompanyBooks, journal: Entity, sent: dict[str, Any]) -> Entity:
    """Add a line that credits a customer: a payment is a negative amount."""
    payload.only_known(sent, known=PAYMENT_FIELDS, entity="Microsoft.NAV.customerPayment")
    number = payload.text(sent, "customerNumber", width=20)
    _check_account(books, CUSTOMER, number)
    line: Entity = {
        **_line(books, journal, sent),
        "customerNumber": number,
        "appliesToInvoiceId": payload.text(sent, "appliesToInvoiceId", width=36),
        "appliesToInvoiceNumber": payload.text(sent, "appliesToInvoiceNumber", width=20),
        "accountType": CUSTOMER,
        "accountNumber": number,
        "balancingAccountNumber": journal["balancingAccountNumber"],
    }
    line["_applies_to"] = _applied_to(books, line)
    new_dimension_lines(books, line, sent.get(COLLECTION, []))
    return _added(books, journal, line)


def line_of(journal: Entity, line_id: str) -> Entity:
    for line in journal["_lines"]:
        if line["id"] == line_id.lower():
            return line  # type: ignore[no-any-return]
    raise not_found(f"The journal line {line_id}")


def _line(books: CompanyBooks, journal: Entity, sent: dict[str, Any]) -> Entity:
    return {
        "@odata.etag": "",
        "id": books.new_id(),
        "journalId": journal["id"],
        "journalDisplayName": journal["displayName"],
        "lineNumber": int(payload.number(sent, "lineNumber")) or LINE_STEP * (len(journal["_lines"]) + 1),
        "postingDate": payload.day(sent, "postingDate", default=books.now().date()).isoformat(),
        "amount": rounded(payload.number(sent, "amount"), currency=books.setup.local_currency),
        **{name: payload.text(sent, name, width=width) for name, width in TEXT_WIDTHS.items()},
    }


def _added(books: CompanyBooks, journal: Entity, line: Entity) -> Entity:
    if line["lineNumber"] in {held["lineNumber"] for held in journal["_lines"]}:
        raise Refusal(400, "Internal_EntityWithSameKeyExists", f"There is a line {line['lineNumber']} already.")
    books.changed(line)
    journal["_lines"].append(line)
    return line


def _applied_to(books: CompanyBooks, payment: Entity) -> Entity | None:
    if payment["appliesToInvoiceId"]:
        return books.document(INVOICE, payment["appliesToInvoiceId"])
    for invoice in books.invoices.values():
        if payment["appliesToInvoiceNumber"] and invoice["number"] == payment["appliesToInvoiceNumber"]:
            return invoice
    if payment["appliesToInvoiceNumber"]:
        raise unknown_reference("Applies-to Doc. No.", payment["appliesToInvoiceNumber"], "Sales Invoice Header")
    return None


def _check_account(books: CompanyBooks, account_type: str, account: str) -> None:
    match account_type:
        case "G/L Account":
            if account not in books.setup.chart():
                raise unknown_reference("Account No.", account, "G/L Account")
        case "Customer":
            if account not in books.customers:
                raise unknown_reference("Account No.", account, "Customer")
        case _:
            raise bad_request(f"This simulator knows no lines of accountType {account_type}.")


def posting_dates(journal: Entity) -> list[date]:
    return [date.fromisoformat(line["postingDate"]) for line in journal["_lines"]]
