"""salesInvoices and salesCreditMemos: drafts that anyone may change or delete until they are posted.

No reference of ours is unique. A credit memo may name the invoice that it is applied to when it is posted.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from simulators.erp.business_central import payload
from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.customers import check_currency
from simulators.erp.business_central.dialect import bad_request, business_rule, unknown_reference
from simulators.erp.business_central.document_types import DOCUMENT_TYPES, DocumentType
from simulators.erp.business_central.odata import Entity
from simulators.erp.business_central.sales_lines import new_line
from simulators.erp.company import rounded

LINES_MAX = 10_000
TEXT_WIDTHS = {
    "externalDocumentNumber": 35,
    "customerPurchaseOrderReference": 35,
    "salesperson": 20,
    "shortcutDimension1Code": 20,
    "shortcutDimension2Code": 20,
    "invoiceId": 36,
}
HEADER = frozenset({"customerNumber", "customerId", "currencyCode"})


def create_draft(books: CompanyBooks, of: DocumentType, sent: dict[str, Any], *, extra_tax: Decimal) -> Entity:
    """Store a draft with its lines, all or nothing. `extra_tax` is what a fault adds to the recomputed tax."""
    if "number" in sent:
        raise business_rule(
            f"You may not enter numbers manually. Activate Manual Nos. in No. Series {of.draft_prefix}."
        )
    payload.only_known(sent, known={*HEADER, *_changeable(of), of.lines}, entity=of.entity)
    customer = _customer(books, sent)
    currency = payload.text({"currencyCode": customer["currencyCode"]} | sent, "currencyCode", width=10)
    check_currency(books, currency)
    today = books.now().date()
    document: Entity = {
        "@odata.etag": "",
        "id": books.new_id(),
        "number": books.next_draft_number(of),
        "customerId": customer["id"],
        "customerNumber": customer["number"],
        "customerName": customer["displayName"],
        "currencyCode": currency or books.setup.local_currency,
        "status": "Draft",
        "_currency": books.iso_currency(currency),
        "_type": of,
        "_lines": [],
        "_extra_tax": extra_tax,
    }
    document |= _header(of, sent, date_of=payload.day(sent, of.date, default=today))
    lines = sent.get(of.lines, [])
    if not isinstance(lines, list) or len(lines) > LINES_MAX:
        raise bad_request(f"{of.lines} must be a list of at most {LINES_MAX} lines.")
    for line in lines:
        document["_lines"].append(new_line(books, document, line))
    total(books, document)
    books.documents(of)[document["id"]] = document
    return document


def add_line(books: CompanyBooks, document: Entity, sent: dict[str, Any]) -> Entity:
    only_draft(document)
    if len(document["_lines"]) >= LINES_MAX:
        raise bad_request(f"A document has at most {LINES_MAX} lines here.")
    line = new_line(books, document, sent)
    document["_lines"].append(line)
    total(books, document)
    return line


def change_draft(books: CompanyBooks, document: Entity, sent: dict[str, Any]) -> Entity:
    only_draft(document)
    of: DocumentType = document["_type"]
    payload.only_known(sent, known=_changeable(of), entity=of.entity)
    present = {name: document[name] for name in _changeable(of)}
    document |= _header(of, present | sent, date_of=date.fromisoformat(document[of.date]))
    books.changed(document)
    return document


def only_draft(document: Entity) -> None:
    if document["status"] != "Draft":
        raise business_rule(f"The {document['_type'].noun} {document['number']} is posted and cannot be changed.")


def total(books: CompanyBooks, document: Entity) -> None:
    """Recompute the totals: the tax is rounded once for each tax code, not for each line."""
    bases: defaultdict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in document["_lines"]:
        bases[line["taxCode"], line["taxPercent"]] += line["amountExcludingTax"]
    currency = document["_currency"]
    taxes = (rounded(base * percent / 100, currency=currency) for (_, percent), base in bases.items())
    net = rounded(sum(bases.values(), start=Decimal(0)), currency=currency)
    tax = sum(taxes, start=rounded(document["_extra_tax"], currency=currency))
    document["totalAmountExcludingTax"] = net
    document["totalTaxAmount"] = tax
    document["totalAmountIncludingTax"] = net + tax
    document[document["_type"].remaining] = rounded(Decimal(0), currency=currency)
    books.changed(document)


def _customer(books: CompanyBooks, sent: dict[str, Any]) -> Entity:
    number = payload.text(sent, "customerNumber", width=20)
    customer_id = payload.text(sent, "customerId", width=36).lower()
    if number in books.customers:
        return books.customers[number]
    for customer in books.customers.values():
        if customer["id"] == customer_id:
            return customer
    raise unknown_reference("Sell-to Customer No.", number or customer_id, "Customer")


def _changeable(of: DocumentType) -> frozenset[str]:
    others = {name for one in DOCUMENT_TYPES if one is not of for name in one.also_settable}
    return frozenset({*(name for name in TEXT_WIDTHS if name not in others), of.date, "postingDate", "dueDate"})


def _header(of: DocumentType, sent: dict[str, Any], *, date_of: date) -> Entity:
    day = payload.day(sent, of.date, default=date_of)
    texts = {name: width for name, width in TEXT_WIDTHS.items() if name in _changeable(of)}
    return {
        **{name: payload.text(sent, name, width=width) for name, width in texts.items()},
        of.date: day.isoformat(),
        "postingDate": payload.day(sent, "postingDate", default=day).isoformat(),
        "dueDate": payload.day(sent, "dueDate", default=day).isoformat(),
    }
