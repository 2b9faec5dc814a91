"""What may happen to an invoice after it was created: it is told again under its external id, or voided."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from simulators.erp.general_ledger import credit_memo_lines, invoice_lines
from simulators.erp.netsuite import payload
from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.dialect import business_rule, invalid_content
from simulators.erp.netsuite.invoices import KNOWN, create_invoice, entry_of, read_document
from simulators.http import exact_json
from simulators.http.exchange import Call

PREFIX: Final = "eid:"
TOTALS: Final = ("subtotal", "taxTotal", "total", "amountRemaining")


def upsert_invoice(books: AccountBooks, call: Call) -> tuple[Record, list[str]]:
    """Create or change the invoice of an external id: its lines are added to those it has, unless `replace=item`."""
    external_id = call.path["key"].removeprefix(PREFIX)
    if not call.path["key"].startswith(PREFIX) or not payload.EXTERNAL_ID.fullmatch(external_id):
        raise invalid_content("An upsert needs an external id, as in eid:INV1.")
    held_id = books.invoices.id_of(external_id)
    if held_id is None:
        return create_invoice(books, _with(call, externalId=external_id))
    held = books.invoices.get(held_id)
    said, lines, warnings = read_document(books, _with(call, externalId=""), books.invoices, known=KNOWN, prefix="INV")
    if held["amountPaid"]:
        raise business_rule("An invoice that something is applied to cannot be changed here.")
    if call.query.get("replace") == "item":
        books.ledger.post(entry_of(books, held, held["_lines"], credit_memo_lines))
        held |= {"_lines": (), "_items": [], **dict.fromkeys(TOTALS, Decimal(0))}
    books.ledger.post(entry_of(books, said | {"tranId": held["tranId"]}, lines, invoice_lines))
    held["_lines"], held["_items"] = (*held["_lines"], *lines), [*held["_items"], *said["_items"]]
    for name in TOTALS:
        held[name] += said["total" if name == "amountRemaining" else name]
    books.changed(held)
    return held, warnings


def void(books: AccountBooks, invoice: Record, *, day: date) -> None:
    """Reverse an invoice in the ledger, as a person does it; nothing is open of it any more."""
    reversal = entry_of(books, invoice, invoice["_lines"], credit_memo_lines)
    books.ledger.post(replace(reversal, posting_date=day))
    invoice["status"] = {"id": "Voided", "refName": "Voided"}
    invoice["amountRemaining"] = Decimal(0)
    books.changed(invoice)


def _with(call: Call, **fields: str) -> Call:
    return replace(call, body=exact_json.dumps(call.json_object() | fields))
