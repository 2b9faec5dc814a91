"""Microsoft.NAV.post: brings a draft into the general ledger, once, inside the posting window."""

from datetime import date
from decimal import Decimal

from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import business_rule
from simulators.erp.business_central.document_types import INVOICE
from simulators.erp.business_central.odata import Entity, etag_of
from simulators.erp.business_central.sales_documents import only_draft
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import Entry, EntryLine, RevenueLine, credit_memo_lines, invoice_lines


def post(books: CompanyBooks, document: Entity, *, period_closed: bool) -> None:
    """Raise a Refusal for a posted document, one without lines, and a date outside of the posting window."""
    only_draft(document)
    if not document["_lines"]:
        raise business_rule("There is nothing to post.")
    posting_date = date.fromisoformat(document["postingDate"])
    if period_closed or not books.allows_posting_on(posting_date):
        raise business_rule("Posting Date is not within your range of allowed posting dates.")
    applied_to = _applied_to(books, document)
    number = books.next_posted_number(document["_type"])
    books.ledger.post(_entry(books, document, number, posting_date))
    document["number"] = number
    document["status"] = "Open"
    document["remainingAmount"] = document["totalAmountIncludingTax"]
    if applied_to is not None:
        _apply(books, document, applied_to)
    books.changed(document)


def _applied_to(books: CompanyBooks, document: Entity) -> Entity | None:
    """Return the invoice that a credit memo is applied to; refuse another customer's, and less than is credited."""
    if not document.get("invoiceId"):
        return None
    invoice = books.document(INVOICE, document["invoiceId"])
    if invoice["status"] == "Draft" or invoice["customerNumber"] != document["customerNumber"]:
        raise business_rule(f"Applies-to Doc. No. {invoice['number']} is no open entry of this customer.")
    if invoice["remainingAmount"] < document["totalAmountIncludingTax"]:
        raise business_rule(f"The remaining amount of {invoice['number']} is {invoice['remainingAmount']}.")
    return invoice


def _apply(books: CompanyBooks, credit_memo: Entity, invoice: Entity) -> None:
    invoice["remainingAmount"] -= credit_memo["remainingAmount"]
    credit_memo["remainingAmount"] -= credit_memo["remainingAmount"]
    credit_memo["status"] = "Paid"
    if not invoice["remainingAmount"]:
        invoice["status"] = "Paid"
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
        open_amount=document["remainingAmount"],
    )


def _entry(books: CompanyBooks, document: Entity, number: str, posting_date: date) -> Entry:
    revenue = [
        RevenueLine(account=line["lineObjectNumber"], amount=line["amountExcludingTax"]) for line in document["_lines"]
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
        "entryNumber": number,
        "postingDate": entry.posting_date.isoformat(),
        "documentNumber": entry.document_number,
        "documentType": entry.document_type,
        "accountNumber": line.account,
        "description": f"{entry.document_type} {entry.document_number}",
        "debitAmount": max(line.amount, Decimal(0)),
        "creditAmount": max(-line.amount, Decimal(0)),
    }
