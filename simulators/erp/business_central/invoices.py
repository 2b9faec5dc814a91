"""salesInvoices: drafts that anyone may change or delete until they are posted. No reference of ours is unique."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from simulators.erp.business_central import payload
from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.customers import check_currency
from simulators.erp.business_central.dialect import bad_request, business_rule, unknown_reference
from simulators.erp.business_central.invoice_lines import new_line
from simulators.erp.business_central.odata import Entity
from simulators.erp.company import rounded

LINES_MAX = 10_000
TEXT_WIDTHS = {
    "externalDocumentNumber": 35,
    "customerPurchaseOrderReference": 35,
    "salesperson": 20,
    "shortcutDimension1Code": 20,
    "shortcutDimension2Code": 20,
}
HEADER = frozenset(
    {*TEXT_WIDTHS, "customerNumber", "customerId", "currencyCode", "invoiceDate", "postingDate", "dueDate"}
)
CHANGEABLE = frozenset({*TEXT_WIDTHS, "invoiceDate", "postingDate", "dueDate"})


def create_draft(books: CompanyBooks, sent: dict[str, Any], *, extra_tax: Decimal) -> Entity:
    """Store a draft with its lines, all or nothing. `extra_tax` is what a fault adds to the recomputed tax."""
    if "number" in sent:
        raise business_rule("You may not enter numbers manually. Activate Manual Nos. in No. Series S-INV.")
    payload.only_known(sent, known={*HEADER, "salesInvoiceLines"}, entity="Microsoft.NAV.salesInvoice")
    customer = _customer(books, sent)
    currency = payload.text({"currencyCode": customer["currencyCode"]} | sent, "currencyCode", width=10)
    check_currency(books, currency)
    today = books.now().date()
    invoice: Entity = {
        "@odata.etag": "",
        "id": books.new_id(),
        "number": books.next_draft_number(),
        "customerId": customer["id"],
        "customerNumber": customer["number"],
        "customerName": customer["displayName"],
        "currencyCode": currency or books.setup.local_currency,
        "status": "Draft",
        "_currency": books.iso_currency(currency),
        "_lines": [],
        "_extra_tax": extra_tax,
    }
    invoice |= _header(sent, invoice_date=payload.day(sent, "invoiceDate", default=today))
    lines = sent.get("salesInvoiceLines", [])
    if not isinstance(lines, list) or len(lines) > LINES_MAX:
        raise bad_request(f"salesInvoiceLines must be a list of at most {LINES_MAX} lines.")
    for line in lines:
        invoice["_lines"].append(new_line(books, invoice, line))
    total(books, invoice)
    books.invoices[invoice["id"]] = invoice
    return invoice


def add_line(books: CompanyBooks, invoice: Entity, sent: dict[str, Any]) -> Entity:
    only_draft(invoice)
    if len(invoice["_lines"]) >= LINES_MAX:
        raise bad_request(f"An invoice has at most {LINES_MAX} lines here.")
    line = new_line(books, invoice, sent)
    invoice["_lines"].append(line)
    total(books, invoice)
    return line


def change_draft(books: CompanyBooks, invoice: Entity, sent: dict[str, Any]) -> Entity:
    only_draft(invoice)
    payload.only_known(sent, known=CHANGEABLE, entity="Microsoft.NAV.salesInvoice")
    present = {name: invoice[name] for name in CHANGEABLE}
    invoice |= _header(present | sent, invoice_date=date.fromisoformat(invoice["invoiceDate"]))
    books.changed(invoice)
    return invoice


def only_draft(invoice: Entity) -> None:
    if invoice["status"] != "Draft":
        raise business_rule(f"The sales invoice {invoice['number']} is posted and cannot be changed.")


def total(books: CompanyBooks, invoice: Entity) -> None:
    """Recompute the totals: the tax is rounded once for each tax percentage, not for each line."""
    bases: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for line in invoice["_lines"]:
        bases[line["taxPercent"]] += line["amountExcludingTax"]
    currency = invoice["_currency"]
    taxes = (rounded(base * percent / 100, currency=currency) for percent, base in bases.items())
    net = rounded(sum(bases.values(), start=Decimal(0)), currency=currency)
    tax = sum(taxes, start=rounded(invoice["_extra_tax"], currency=currency))
    invoice["totalAmountExcludingTax"] = net
    invoice["totalTaxAmount"] = tax
    invoice["totalAmountIncludingTax"] = net + tax
    invoice["remainingAmount"] = rounded(Decimal(0), currency=currency)
    books.changed(invoice)


def _customer(books: CompanyBooks, sent: dict[str, Any]) -> Entity:
    number = payload.text(sent, "customerNumber", width=20)
    customer_id = payload.text(sent, "customerId", width=36).lower()
    if number in books.customers:
        return books.customers[number]
    for customer in books.customers.values():
        if customer["id"] == customer_id:
            return customer
    raise unknown_reference("Sell-to Customer No.", number or customer_id, "Customer")


def _header(sent: dict[str, Any], *, invoice_date: date) -> Entity:
    day = payload.day(sent, "invoiceDate", default=invoice_date)
    return {
        **{name: payload.text(sent, name, width=width) for name, width in TEXT_WIDTHS.items()},
        "invoiceDate": day.isoformat(),
        "postingDate": payload.day(sent, "postingDate", default=day).isoformat(),
        "dueDate": payload.day(sent, "dueDate", default=day).isoformat(),
    }
