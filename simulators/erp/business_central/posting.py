"""Microsoft.NAV.post: brings a draft into the general ledger, once, inside the posting window."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import NOTHING_TO_POST, OUTSIDE_OF_WINDOW, business_rule
from simulators.erp.business_central.document_types import CREDIT_MEMO, INVOICE
from simulators.erp.business_central.odata import Entity, etag_of
from simulators.erp.business_central.sales_documents import only_draft
from simulators.erp.business_central.sales_lines import COMMENT
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import (
    Entry,
    EntryLine,
    RevenueLine,
    credit_memo_lines,
    invoice_lines,
    payment_lines,
)

PAYMENT_PREFIX: Final = "PAY"


def post(books: CompanyBooks, document: Entity, *, period_closed: bool) -> None:
    """Raise a Refusal for a posted document, one without lines, and a date outside of the posting window."""
    only_draft(document)
    if not _booked_lines(document):
        raise business_rule(NOTHING_TO_POST)
    posting_date = date.fromisoformat(document["postingDate"])
    if period_closed or not books.allows_posting_on(posting_date):
        raise business_rule(OUTSIDE_OF_WINDOW)
    applied_to = _applied_to(books, document)
    number = books.next_posted_number(document["_type"].posted_prefix)
    books.ledger.post(_entry(books, document, number, posting_date))
    document["number"] = number
    document["status"] = "Open"
    document[document["_type"].remaining] = document["totalAmountIncludingTax"]
    if applied_to is not None:
        _apply(books, document, applied_to)
    books.changed(document)


def _applied_to(books: CompanyBooks, document: Entity) -> Entity | None:
    """Return the invoice that a credit memo is applied to; refuse another customer's, and less than is credited."""
    if not document.get("invoiceId"):
        return None
    invoice = books.document(INVOICE, document["invoiceId"])
    if invoice["status"] != "Open" or invoice["customerNumber"] != document["customerNumber"]:
        raise business_rule(f"Applies-to Doc. No. {invoice['number']} is no open entry of this customer.")
    if invoice["remainingAmount"] < document["totalAmountIncludingTax"]:
        raise business_rule(f"The remaining amount of {invoice['number']} is {invoice['remainingAmount']}.")
    return invoice


def _apply(books: CompanyBooks, credit_memo: Entity, invoice: Entity) -> None:
    settle(books, invoice, credit_memo[CREDIT_MEMO.remaining])
    credit_memo[CREDIT_MEMO.remaining] -= credit_memo[CREDIT_MEMO.remaining]
    credit_memo["status"] = "Paid"


def pay(books: CompanyBooks, invoice: Entity, *, amount: Decimal, day: date) -> None:
    """Let a customer pay a part of an invoice by the bank; raises a Refusal for more than is left of it."""
    only_open(invoice, amount)
    books.ledger.post(
        Entry(
            company=books.setup.company,
            posting_date=day,
            document_number=books.next_posted_number(PAYMENT_PREFIX),
            external_ref="",
            customer=invoice["customerName"],
            currency=invoice["_currency"],
            lines=payment_lines(books.setup, amount=amount),
            document_type="Payment",
        )
    )
    settle(books, invoice, amount)


def only_open(invoice: Entity, amount: Decimal) -> None:
    if invoice["status"] != "Open" or not 0 < amount <= invoice["remainingAmount"]:
        raise business_rule(f"The remaining amount of {invoice['number']} is {invoice['remainingAmount']}.")


def settle(books: CompanyBooks, invoice: Entity, amount: Decimal) -> None:
    invoice["remainingAmount"] -= amount
    if not invoice["remainingAmount"]:
        invoice["status"] = "Paid"
    books.changed(invoice)


def cancel(books: CompanyBooks, invoice: Entity, *, day: date) -> None:
    """Reverse a posted invoice, of which nothing may be paid; its corrective credit memo is not shown here."""
    if invoice["status"] != "Open" or invoice["remainingAmount"] != invoice["totalAmountIncludingTax"]:
        raise business_rule(f"The sales invoice {invoice['number']} cannot be cancelled.")
    reversed_entry = replace(_entry(books, invoice, invoice["number"], day), document_type=CREDIT_MEMO.ledger_name)
    lines = tuple(replace(line, amount=-line.amount) for line in reversed_entry.lines)
    books.ledger.post(replace(reversed_entry, lines=lines))
    invoice["status"], invoice["remainingAmount"] = "Canceled", Decimal(0)
    books.changed(invoice)


def ledger_rows(books: CompanyBooks) -> list[Entity]:
    """Return the rows of generalLedgerEntries, in posting order. Amounts are in the document's currency."""
    rows: list[Entity] = []
    for entry in books.ledger.entries:
        if entry.company == books.setup.company:
            rows += [_row(entry, line, number=len(rows) + place) for place, line in enumerate(entry.lines, start=1)]
    return rows


def as_document(books: CompanyBooks, document: Entity) -> SimulatedDocument:
    return SimulatedDocument(
        kind=document["_type"].kind,
        company=books.setup.company,
        document_id=document["id"],
        external_ref=document["externalDocumentNumber"],
        number=document["number"],
        customer=document["customerNumber"],
        status=document["status"],
        posted=document["status"] != "Draft",
        accounting_period=document["postingDate"][:7],
        currency=document["_currency"],
        net=document["totalAmountExcludingTax"],
        tax=document["totalTaxAmount"],
        gross=document["totalAmountIncludingTax"],
        open_amount=document[document["_type"].remaining],
    )


def _booked_lines(document: Entity) -> list[Entity]:
    return [line for line in document["_lines"] if line["lineType"] != COMMENT]


def _entry(books: CompanyBooks, document: Entity, number: str, posting_date: date) -> Entry:
    revenue = [
        RevenueLine(account=line["lineObjectNumber"], amount=line["amountExcludingTax"])
        for line in _booked_lines(document)
    ]
    net, tax = document["totalAmountExcludingTax"], document["totalTaxAmount"]
    booked = invoice_lines if document["_type"] is INVOICE else credit_memo_lines
    return Entry(
        company=books.setup.company,
        posting_date=posting_date,
        document_number=number,
        external_ref=document["externalDocumentNumber"],
        customer=document["customerName"],
        currency=document["_currency"],
        lines=booked(books.setup, revenue=revenue, net=net, tax=tax),
        document_type=document["_type"].ledger_name,
    )


def _row(entry: Entry, line: EntryLine, *, number: int) -> Entity:
    return {
        "@odata.etag": etag_of(number),
        "id": str(uuid5(NAMESPACE_URL, f"{entry.company}/entry/{number}")),
        "entryNumber": number,
        "postingDate": entry.posting_date.isoformat(),
        "documentNumber": entry.document_number,
        "documentType": entry.document_type,
        "accountNumber": line.account,
        "description": line.text or f"{entry.document_type} {entry.document_number}",
        "debitAmount": max(line.amount, Decimal(0)),
        "creditAmount": max(-line.amount, Decimal(0)),
    }
