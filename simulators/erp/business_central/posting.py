"""Microsoft.NAV.post: brings a draft into the general ledger, once, inside the posting window."""

from datetime import date
from decimal import Decimal

from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import business_rule
from simulators.erp.business_central.invoices import only_draft
from simulators.erp.business_central.odata import Entity, etag_of
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import Entry, EntryLine, RevenueLine, invoice_lines


def post(books: CompanyBooks, invoice: Entity, *, period_closed: bool) -> None:
    """Raise a Refusal for a posted document, one without lines, and a date outside of the posting window."""
    only_draft(invoice)
    if not invoice["_lines"]:
        raise business_rule("There is nothing to post.")
    posting_date = date.fromisoformat(invoice["postingDate"])
    if period_closed or not books.allows_posting_on(posting_date):
        raise business_rule("Posting Date is not within your range of allowed posting dates.")
    number = books.next_posted_number()
    books.ledger.post(_entry(books, invoice, number, posting_date))
    invoice["number"] = number
    invoice["status"] = "Open"
    invoice["remainingAmount"] = invoice["totalAmountIncludingTax"]
    books.changed(invoice)


def ledger_rows(books: CompanyBooks) -> list[Entity]:
    """Return the rows of generalLedgerEntries, in posting order. Amounts are in the document's currency."""
    rows: list[Entity] = []
    for entry in books.ledger.entries:
        if entry.company == books.setup.company:
            rows += [_row(entry, line, number=len(rows) + place) for place, line in enumerate(entry.lines, start=1)]
    return rows


def as_document(books: CompanyBooks, invoice: Entity) -> SimulatedDocument:
    return SimulatedDocument(
        company=books.setup.company,
        document_id=invoice["id"],
        external_ref=invoice["externalDocumentNumber"],
        number=invoice["number"],
        customer=invoice["customerNumber"],
        status=invoice["status"],
        posted=invoice["status"] != "Draft",
        accounting_period=invoice["postingDate"][:7],
        currency=invoice["_currency"],
        net=invoice["totalAmountExcludingTax"],
        tax=invoice["totalTaxAmount"],
        gross=invoice["totalAmountIncludingTax"],
    )


def _entry(books: CompanyBooks, invoice: Entity, number: str, posting_date: date) -> Entry:
    revenue = [
        RevenueLine(account=line["lineObjectNumber"], amount=line["amountExcludingTax"]) for line in invoice["_lines"]
    ]
    net, tax = invoice["totalAmountExcludingTax"], invoice["totalTaxAmount"]
    return Entry(
        company=books.setup.company,
        posting_date=posting_date,
        document_number=number,
        external_ref=invoice["externalDocumentNumber"],
        customer=invoice["customerName"],
        currency=invoice["_currency"],
        lines=invoice_lines(books.setup, revenue=revenue, net=net, tax=tax),
    )


def _row(entry: Entry, line: EntryLine, *, number: int) -> Entity:
    return {
        "@odata.etag": etag_of(number),
        "entryNumber": number,
        "postingDate": entry.posting_date.isoformat(),
        "documentNumber": entry.document_number,
        "documentType": "Invoice",
        "accountNumber": line.account,
        "description": f"Invoice {entry.document_number}",
        "debitAmount": max(line.amount, Decimal(0)),
        "creditAmount": max(-line.amount, Decimal(0)),
    }
