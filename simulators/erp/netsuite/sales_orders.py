"""salesOrder: created or updated by its external id; it posts nothing."""

from typing import Any

from simulators.erp.netsuite import payload
from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.dialect import invalid_content, unknown_reference
from simulators.erp.netsuite.invoice_lines import InvoiceLine, read_lines
from simulators.http.exchange import Call

PREFIX = "eid:"
TEXT_WIDTHS = {"tranId": 45, "memo": 999, "otherRefNum": 45}
KNOWN = frozenset({*TEXT_WIDTHS, "externalId", "entity", "tranDate", "subsidiary", "currency", "item"})


def upsert_sales_order(books: AccountBooks, call: Call) -> tuple[Record, list[str]]:
    """Return the stored record and warnings of names that were ignored.

    Lines are added to those that are there, unless the query says `replace=item`.
    """
    key = call.path["key"]
    external_id = key.removeprefix(PREFIX)
    if not key.startswith(PREFIX) or not payload.EXTERNAL_ID.fullmatch(external_id):
        raise invalid_content("An upsert needs an external id, as in eid:ORDER1.")
    fields = call.json_object()
    warnings = payload.warnings_of(call, fields, known=KNOWN)
    held_id = books.sales_orders.id_of(external_id)
    held = books.sales_orders.get(held_id) if held_id else None
    order = {**(held or _new(books, external_id)), **_header(books, fields)}
    setup = books.subsidiaries[order["subsidiary"]["id"]]
    lines, line_warnings = read_lines(books, call, fields, setup, currency=order["currency"]["refName"])
    kept = order["_items"] if call.query.get("replace") != "item" else []
    order["_items"] = [*kept, *map(_shown, lines)]
    books.sales_orders.add(order)
    return order, [*warnings, *line_warnings]


def _new(books: AccountBooks, external_id: str) -> Record:
    return {"id": books.new_id(), "externalId": external_id, "tranId": "", "memo": "", "otherRefNum": "", "_items": []}


def _header(books: AccountBooks, fields: dict[str, Any]) -> Record:
    customer = books.customers.referred(payload.reference(fields, "entity"))
    if customer is None:
        raise unknown_reference("entity", fields["entity"])
    for name in ("subsidiary", "currency"):  # they are the customer's
        if name in fields and payload.internal_id(fields, name) != customer[name]["id"]:
            raise unknown_reference(name, fields[name])
    return {
        "entity": {"id": customer["id"], "refName": customer["companyName"]},
        "subsidiary": customer["subsidiary"],
        "currency": customer["currency"],
        "tranDate": payload.day(fields, "tranDate", default=books.now().date()).isoformat(),
        **_texts(fields),
    }


def _texts(fields: dict[str, Any]) -> dict[str, str]:
    """Return the texts that are sent; null takes away the one that is there."""
    texts = {name: "" if fields[name] is None else fields[name] for name in TEXT_WIDTHS if name in fields}
    for name, value in texts.items():
        if not isinstance(value, str) or len(value) > TEXT_WIDTHS[name]:
            raise invalid_content(f"{name} must be a text of at most {TEXT_WIDTHS[name]} characters.", path=name)
    return texts


def _shown(line: InvoiceLine) -> Record:
    return {
        "item": {"id": line.item},
        "description": line.description,
        "quantity": line.quantity,
        "amount": line.amount,
    }
